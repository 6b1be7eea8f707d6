package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.scores;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.EnginePackage;
import io.crosslm.protocol.wire.ScoreReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device of the formula engine in a task that has packages for several engines. */
final class EnginePackagesTest {
    private static final String BROKER = "tcp://memory:1";

    @TempDir private Path directory;
    private final InMemoryBroker broker = new InMemoryBroker();
    private EdgeRig rig;
    private FakeCoordinator coordinator;
    private EdgeClient client;

    @BeforeEach
    void start() throws Exception {
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(broker, BROKER);
        client = rig.client(broker, BROKER).build();
        client.start();
    }

    @AfterEach
    void stop() {
        client.close();
        coordinator.close();
        rig.close();
    }

    @Test
    void scoring_packageForTheEngine_isTakenAndNamedInTheReport() throws Exception {
        announce("other", "formula");

        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();

        assertThat(report.getSlmPackageSha256())
                .isEqualTo(ByteString.copyFrom(rig.packageSha256.bytes()));
    }

    @Test
    void scoring_noPackageForTheEngine_isRefusedByName() throws Exception {
        announce("other", "another");

        coordinator.await("a problem", () -> rig.heard.hasProblem(Code.BAD_PACKAGE));
        assertThat(rig.heard.problems().get(0))
                .hasMessageContaining("formula")
                .hasMessageContaining("[other, another]");
    }

    @Test
    void scoring_severalModelsOfTheEngine_firstOfThemIsTaken() throws Exception {
        announce(model("other", "deep"), model("formula", "wide"), model("formula", "narrow"));

        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();

        assertThat(report.getSlmPackageSha256())
                .isEqualTo(ByteString.copyFrom(rig.packageSha256.bytes()));
    }

    @Test
    void scoring_wantedModel_isTakenThoughItIsNotTheFirst() throws Exception {
        restart("narrow");
        announce(model("formula", "wide"), model("formula", "narrow"));

        ScoreReport report = coordinator.awaitReport(scores(ROUND)).getScores();

        assertThat(report.getSlmPackageSha256())
                .isEqualTo(ByteString.copyFrom(rig.packageSha256.bytes()));
    }

    @Test
    void scoring_wantedModelOfNobody_isRefusedWithTheNames() throws Exception {
        restart("broad");
        announce(model("formula", "wide"), model("other", "narrow"));

        coordinator.await("a problem", () -> rig.heard.hasProblem(Code.BAD_PACKAGE));
        assertThat(rig.heard.problems().get(0))
                .hasMessageContaining("of model broad for engine formula")
                .hasMessageContaining("[wide (formula), narrow (other)]");
    }

    @Test
    void scoring_wantedModelOfAnotherEngine_isRefused() throws Exception {
        restart("narrow");
        announce(model("formula", "wide"), model("other", "narrow"));

        coordinator.await("a problem", () -> rig.heard.hasProblem(Code.BAD_PACKAGE));
        assertThat(rig.heard.problems().get(0))
                .hasMessageContaining("of model narrow for engine formula");
    }

    @Test
    void task_emptyModel_isRefused() {
        assertThatThrownBy(() -> rig.client(broker, BROKER, " "))
                .isInstanceOf(EdgeException.class)
                .hasMessageContaining("the name of a model");
    }

    private void restart(String model) {
        client.close();
        client = rig.client(broker, BROKER, model).build();
        client.start();
    }

    private void announce(String first, String second) throws Exception {
        announce(model(first, ""), model(second, ""));
    }

    /** A round whose second package is the rig's; the others are nowhere. */
    private void announce(EnginePackage... offered) throws Exception {
        List<EncodedPart> parts = batch(ROUND, 20);
        coordinator.publishBatch(TASK, ROUND, parts);
        Announcement scoring = rig.scoring(ROUND, parts);
        ArtifactReference right = scoring.getSlmPackage();
        ArtifactReference missing =
                right.toBuilder()
                        .setSha256(ByteString.copyFrom(Sha256.hash(new byte[] {1}).bytes()))
                        .build();
        Announcement.Builder announcement = scoring.toBuilder().setSlmPackage(missing);
        for (int i = 0; i < offered.length; i++) {
            announcement.addEnginePackages(
                    offered[i].toBuilder().setSlmPackage(i == 1 ? right : missing));
        }
        coordinator.announce(announcement.build());
    }

    private static EnginePackage model(String engine, String name) {
        return EnginePackage.newBuilder().setEngine(engine).setModel(name).build();
    }
}
