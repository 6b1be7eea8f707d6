package io.crosslm.coordinator.round;

import io.crosslm.coordinator.round.RoundDocuments.Count;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
            Gain after = other == null ? null : gain(device);
            Gain earlierGain = other == null ? null : gain(other);
            if (after != null && earlierGain != null) {
                changes.add(after.gain - earlierGain.gain);
                countingVariance += after.variance + earlierGain.variance;
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

    /** Null where the device tells none or has no validation part. */
    private static @Nullable Gain gain(DeviceOutcome device) {
        ModelScore standalone = device.standalone();
        ModelScore withPool = device.withPool();
        if (standalone == null
                || withPool == null
                || standalone.validation().total() == 0
                || withPool.validation().total() == 0) {
            return null;
        }
        double share = share(withPool.validation());
        return new Gain(
                share - share(standalone.validation()),
                share * (1 - share) / withPool.validation().total());
    }

    /**
     * What the pool brought a device.
     *
     * @param variance of the pool-trained model's accuracy; the standalone one is the same in both
     *     rounds
     */
    private record Gain(double gain, double variance) {}

    private static double share(Count count) {
        return (double) count.correct() / count.total();
    }
}
