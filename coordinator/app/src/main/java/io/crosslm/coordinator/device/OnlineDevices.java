package io.crosslm.coordinator.device;

import io.crosslm.protocol.DeviceId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Which devices are connected now, as their births and deaths tell. Thread-safe. */
public final class OnlineDevices {
    private final Map<DeviceId, Presence> present = new ConcurrentHashMap<>();
    private final Watcher watcher;

    /** Nobody is there yet. */
    public OnlineDevices(Watcher watcher) {
        this.watcher = watcher;
    }

    /** Hears who comes and goes; called on the thread that brought the news. */
    @FunctionalInterface
    public interface Watcher {
        /** A device came, or left: then it is not online any more. */
        void changed(DeviceId device, boolean isOnline);
    }

    /** Notes a birth; a later one takes the place of the earlier. */
    public void arrived(DeviceId device, Presence presence) {
        if (present.put(device, presence) == null) {
            watcher.changed(device, true);
        }
    }

    /** Notes a death. */
    public void left(DeviceId device) {
        if (present.remove(device) != null) {
            watcher.changed(device, false);
        }
    }

    public boolean isOnline(DeviceId device) {
        return present.containsKey(device);
    }

    public Optional<Presence> find(DeviceId device) {
        return Optional.ofNullable(present.get(device));
    }

    /** Who is present now. */
    public Set<DeviceId> devices() {
        return Set.copyOf(present.keySet());
    }

    public int count() {
        return present.size();
    }

    /**
     * What a birth tells.
     *
     * @param since when the birth came
     * @param engines what the device can run models with
     */
    public record Presence(Instant since, String sdkVersion, List<String> engines) {
        public Presence {
            engines = List.copyOf(engines);
        }
    }
}
