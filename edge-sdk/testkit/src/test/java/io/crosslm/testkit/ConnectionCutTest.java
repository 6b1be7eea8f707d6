package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.pool;
import static io.crosslm.testkit.EdgeRig.scores;
import static io.crosslm.testkit.EdgeRig.trainingReport;
import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.wire.EncodedPart;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds over a real broker and a network that breaks: nothing lost, nothing counted twice. */
final class ConnectionCutTest {
    private static final int ROUNDS = 12;

    @TempDir private Path directory;
    private final HiveMqBroker broker = HiveMqBroker.shared();
    private CutProxy proxy;
    private EdgeRig rig;
    private FakeCoordinator coordinator;
    private EdgeClient client;

    @BeforeEach
    void start() throws Exception {
        proxy = CutProxy.to(broker.port());
        rig = new EdgeRig(directory);
        coordinator = new FakeCoordinator(new PahoLink(), broker.uri());
        client = rig.client(new PahoLink(), "tcp://127.0.0.1:" + proxy.port()).build();
        client.start();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        coordinator.clearAnnouncement(TASK);
        coordinator.close();
        proxy.close();
        rig.close();
    }

    @Test
    void everyRound_withCutsInTheMiddleOfMessages_isReportedOnce() throws Exception {
        Set<FakeCoordinator.ReportKey> expected = new HashSet<>();
        for (int n = 1; n <= ROUNDS; n++) {
            RoundNumber round = new RoundNumber(n);
            List<EncodedPart> parts = batch(round, 300);
            // Far less than a report and its overhead: the connection dies inside some packet.
            proxy.cutAfter(100L + 61L * n);
            coordinator.publishBatch(TASK, round, parts);
            coordinator.announce(rig.scoring(round, parts));
            int cuts = proxy.cuts();
            coordinator.await("a cut in round " + n, () -> proxy.cuts() > cuts);
            proxy.cutAfter(Long.MAX_VALUE);
            proxy.cutAll();
            coordinator.awaitReport(scores(round));
            List<EncodedPart> pool = pool(round, 40);
            coordinator.publishPool(TASK, round, pool);
            coordinator.announce(rig.training(round, pool));
            proxy.cutAll();
            coordinator.awaitReport(trainingReport(round));
            expected.add(scores(round));
            expected.add(trainingReport(round));
        }
        coordinator.await("all receipts", () -> allDone(2 * ROUNDS));
        assertThat(coordinator.committed()).isEqualTo(expected);
        assertThat(client.ledger())
                .filteredOn(entry -> entry.kind().needsReceipt())
                .hasSize(2 * ROUNDS);
        assertThat(proxy.cuts()).isGreaterThanOrEqualTo(2 * ROUNDS);
        assertThat(rig.heard.problems()).isEmpty();
    }

    @Test
    void connection_thatStalls_isReplacedOnceItIsCut() throws Exception {
        coordinator.await("the birth", () -> coordinator.isOnline(EdgeRig.DEVICE));
        proxy.stall(true);
        RoundNumber round = new RoundNumber(1);
        List<EncodedPart> parts = batch(round, 50);
        coordinator.publishBatch(TASK, round, parts);
        coordinator.announce(rig.scoring(round, parts));
        proxy.cutAll();
        proxy.stall(false);
        coordinator.awaitReport(scores(round));
        assertThat(proxy.cuts()).isPositive();
    }

    @Test
    void network_thatRefusesForAWhile_isTriedAgain() throws Exception {
        coordinator.await("the birth", () -> coordinator.isOnline(EdgeRig.DEVICE));
        proxy.refuse(true);
        proxy.cutAll();
        int cuts = proxy.cuts();
        coordinator.await("refused attempts", () -> proxy.cuts() > cuts + 3);
        RoundNumber round = new RoundNumber(1);
        List<EncodedPart> parts = batch(round, 50);
        coordinator.publishBatch(TASK, round, parts);
        coordinator.announce(rig.scoring(round, parts));
        proxy.refuse(false);
        coordinator.awaitReport(scores(round));
    }

    @Test
    void httpServer_thatIsGoneAfterThePackageCame_isNotMissed() throws Exception {
        RoundNumber first = new RoundNumber(1);
        List<EncodedPart> parts = batch(first, 20);
        coordinator.publishBatch(TASK, first, parts);
        coordinator.announce(rig.scoring(first, parts));
        coordinator.awaitReport(scores(first));
        int requests = rig.artifacts.requests().size();
        rig.artifacts.close();
        for (int n = 1; n <= 3; n++) {
            RoundNumber round = new RoundNumber(n);
            List<EncodedPart> pool = pool(round, 20);
            coordinator.publishPool(TASK, round, pool);
            coordinator.announce(rig.training(round, pool));
            coordinator.awaitReport(trainingReport(round));
            RoundNumber next = new RoundNumber(n + 1);
            List<EncodedPart> batch = batch(next, 20);
            coordinator.publishBatch(TASK, next, batch);
            coordinator.announce(rig.scoring(next, batch));
            coordinator.awaitReport(scores(next));
        }
        assertThat(rig.artifacts.requests()).hasSize(requests);
        assertThat(rig.heard.problems()).isEmpty();
    }

    private boolean allDone(int count) {
        List<LedgerEntry> ledger = client.ledger();
        return ledger.size() == count && ledger.stream().allMatch(entry -> entry.status() != null);
    }
}
