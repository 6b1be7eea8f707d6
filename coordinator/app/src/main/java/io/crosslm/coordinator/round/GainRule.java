package io.crosslm.coordinator.round;

import io.crosslm.coordinator.round.RoundDocuments.Count;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Whether the devices' mean gain fell by more than two standard errors from one round to the next,
 * on the validation parts of the devices that reported in both.
 */
final class GainRule {
    private static final double STANDARD_ERRORS = 2;
    private static final int LEAST_DEVICES = 2;

    private GainRule() {}

    static boolean fell(List<DeviceOutcome> before, List<DeviceOutcome> now) {
        Map<String, DeviceOutcome> earlier =
                before.stream()
                        .collect(Collectors.toMap(DeviceOutcome::device, Function.identity()));
        List<Double> changes = new ArrayList<>();
        double countingVariance = 0;
        for (DeviceOutcome device : now) {
            DeviceOutcome other = earlier.get(device.device());
            if (other != null && isMeasured(device) && isMeasured(other)) {
                changes.add(gain(device) - gain(other));
                countingVariance += variance(device) + variance(other);
            }
        }
        int count = changes.size();
        if (count < LEAST_DEVICES) {
            return false;
        }
        double mean = changes.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        double spread = 0;
        for (double change : changes) {
            spread += (change - mean) * (change - mean) / (count - 1);
        }
        // Few devices agree by chance; what counting so few examples leaves open is the least
        // error.
        double error = Math.sqrt(Math.max(spread / count, countingVariance / (count * count)));
        return mean < -STANDARD_ERRORS * error;
    }

    private static boolean isMeasured(DeviceOutcome device) {
        return device.standalone().validation().total() > 0
                && device.withPool().validation().total() > 0;
    }

    private static double gain(DeviceOutcome device) {
        return share(device.withPool().validation()) - share(device.standalone().validation());
    }

    /** Of the pool-trained model's accuracy; the standalone one is the same in both rounds. */
    private static double variance(DeviceOutcome device) {
        Count count = device.withPool().validation();
        return share(count) * (1 - share(count)) / count.total();
    }

    private static double share(Count count) {
        return (double) count.correct() / count.total();
    }
}
