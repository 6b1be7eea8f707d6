package io.crosslm.coordinator.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.round.RoundDocuments.Bytes;
import io.crosslm.coordinator.round.RoundDocuments.Count;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.Measures;
import io.crosslm.coordinator.round.RoundDocuments.ModelOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelScore;
import io.crosslm.coordinator.round.RoundDocuments.Outcome;
import io.crosslm.coordinator.round.RoundDocuments.Pool;
import io.crosslm.coordinator.round.RoundDocuments.Reliability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class QualityCurveTest {
    @Test
    void of_moreDevicesThanLines_drawsSomeAndTheMeanOfAll() {
        List<DeviceOutcome> devices = new ArrayList<>();
        int count = 2 * QualityCurve.MOST_DEVICES;
        for (int i = 0; i < count; i++) {
            devices.add(device("device-" + i, i < QualityCurve.MOST_DEVICES ? 10 : 0));
        }

        QualityCurve curve =
                QualityCurve.of(new TreeMap<>(Map.of(3, outcome(devices))), Map.of(), 7);

        assertThat(curve.devices()).hasSize(QualityCurve.MOST_DEVICES);
        assertThat(curve.allDevices()).isEqualTo(count);
        assertThat(curve.withPool()).containsExactly(0.5);
        assertThat(curve.rounds()).containsExactly(3);
        assertThat(curve.closedRounds()).isEqualTo(7);
    }

    private static DeviceOutcome device(String id, int correct) {
        ModelScore score = new ModelScore(new Count(correct, 10), null, null);
        return new DeviceOutcome(id, null, null, score, score, true, 32, 8, null);
    }

    private static Outcome outcome(List<DeviceOutcome> devices) {
        Measures nothing = new Measures(null, null);
        return new Outcome(
                devices,
                null,
                new Reliability(null, null, 0.5, ""),
                null,
                new ModelOutcome(nothing, nothing, null, null, null, false, ""),
                new Pool(0, 0),
                new Bytes(0, 0, 0),
                Map.of(),
                "");
    }
}
