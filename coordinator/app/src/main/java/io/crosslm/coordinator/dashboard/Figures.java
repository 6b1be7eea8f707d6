package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.round.RoundDocuments.Count;
import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelScore;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Numbers as people read them. */
final class Figures {
    static final String NONE = "–";

    private Figures() {}

    static String percent(@Nullable Double share) {
        return share == null ? NONE : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    static String percent(OptionalDouble share) {
        return share.isPresent() ? percent(Double.valueOf(share.getAsDouble())) : NONE;
    }

    static String seconds(double seconds) {
        return seconds < 100
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }

    /** On the test part where the device has one, else on the validation part. */
    static double accuracy(ModelScore score) {
        Count test = score.test();
        Count count = test == null ? score.validation() : test;
        return count.total() == 0 ? Double.NaN : (double) count.correct() / count.total();
    }

    static OptionalDouble meanStandalone(List<DeviceOutcome> devices) {
        return devices.stream()
                .mapToDouble(device -> accuracy(device.standalone()))
                .filter(Double::isFinite)
                .average();
    }

    static OptionalDouble meanWithPool(List<DeviceOutcome> devices) {
        return devices.stream()
                .mapToDouble(device -> accuracy(device.withPool()))
                .filter(Double::isFinite)
                .average();
    }
}
