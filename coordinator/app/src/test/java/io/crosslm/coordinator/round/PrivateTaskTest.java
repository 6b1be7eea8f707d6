package io.crosslm.coordinator.round;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.RoundDocuments.AnswerShare;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Step;
import io.crosslm.protocol.wire.Terms;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rounds of tasks with a privacy mode. */
final class PrivateTaskTest {
    private final List<Terms> announced = new ArrayList<>();

    @Test
    void rounds_underDpSgd_announceItsTermsAndCloseWithoutPrivateCounts() {
        RoundHarness harness =
                run(
                        "\"privacy\": {\"mode\": \"dp-sgd\", \"epsilon\": 4, \"delta\": 1e-6,"
                                + " \"trainings\": 3}");

        assertThat(announced)
                .isNotEmpty()
                .allSatisfy(
                        terms -> {
                            assertThat(terms.getPrivacyMode()).isEqualTo("dp-sgd");
                            assertThat(terms.getDpSgd().getEpsilon()).isEqualTo(4);
                            assertThat(terms.getDpSgd().getDelta()).isEqualTo(1e-6);
                            assertThat(terms.getDpSgd().getClipNorm()).isEqualTo(1);
                            assertThat(terms.getDpSgd().getTrainings()).isEqualTo(3);
                        });
        RoundDocuments.Outcome outcome = harness.outcome(2);
        assertThat(outcome.devices())
                .hasSize(4)
                .allSatisfy(
                        device -> {
                            assertThat(device.withheld()).isTrue();
                            assertThat(device.standalone()).isNull();
                            assertThat(device.withPool()).isNull();
                            assertThat(device.kept()).isNull();
                            assertThat(device.privateExamples()).isNull();
                            assertThat(device.poolSamples()).isPositive();
                            assertThat(device.reliability()).isBetween(0.5, 1.0);
                        });
        assertThat(outcome.answers()).isNull();
    }

    @Test
    void rounds_underRandomizedResponse_announceItsTermsAndCountAnswers() {
        RoundHarness harness =
                run(
                        "\"privacy\": {\"mode\": \"randomized-response\", \"epsilon\": 0.5,"
                                + " \"totalEpsilon\": 20, \"delta\": 1e-6}");

        assertThat(announced)
                .isNotEmpty()
                .allSatisfy(
                        terms -> {
                            assertThat(terms.getRandomizedResponse().getEpsilon()).isEqualTo(0.5);
                            assertThat(terms.getRandomizedResponse().getTotalEpsilon())
                                    .isEqualTo(20);
                        });
        RoundDocuments.Outcome outcome = harness.outcome(2);
        long kept =
                harness.rounds.samples(RoundId.of(harness.task.name(), 2)).stream()
                        .filter(Sample::isKept)
                        .count();
        assertThat(outcome.answers()).extracting(AnswerShare::label).containsExactly("sun", "rain");
        assertThat(outcome.answers().stream().mapToLong(AnswerShare::answers).sum())
                .isEqualTo(4 * kept);
    }

    private RoundHarness run(String privacy) {
        RoundHarness harness =
                new RoundHarness(
                        Tasks.weather("\"quorum\": 1, \"samplesPerRound\": 64, " + privacy),
                        new InMemoryTaskStore(),
                        new InMemoryRoundStore());
        harness.run(2);
        for (Announcement now : harness.fleet.announcements) {
            if (now.getStep() == Step.STEP_SCORING || now.getStep() == Step.STEP_TRAINING) {
                announced.add(now.getTerms());
            }
        }
        return harness;
    }
}
