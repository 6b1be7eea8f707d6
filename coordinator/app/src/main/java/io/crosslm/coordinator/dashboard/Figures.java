package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
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

    static OptionalDouble meanStandalone(List<DeviceOutcome> devices) {
        return devices.stream()
                .flatMapToDouble(device -> device.standaloneAccuracy().stream())
                .average();
    }

    static OptionalDouble meanWithPool(List<DeviceOutcome> devices) {
        return devices.stream()
                .flatMapToDouble(device -> device.withPoolAccuracy().stream())
                .average();
    }
}
