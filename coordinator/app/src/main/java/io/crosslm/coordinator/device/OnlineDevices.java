package io.crosslm.coordinator.device;

import io.crosslm.protocol.DeviceId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which devices are connected now, as their births and deaths tell. Thread-safe. */
public final class OnlineDevices {
    private final Map<DeviceId, Presence> present = new ConcurrentHashMap<>();

    /** Notes a birth; a later one takes the place of the earlier. */
    public void arrived(DeviceId device, Presence presence) {
        present.put(device, presence);
    }

    /** Notes a death. */
    public void left(DeviceId device) {
        present.remove(device);
    }

    public boolean isOnline(DeviceId device) {
        return present.containsKey(device);
    }

    public Optional<Presence> find(DeviceId device) {
        return Optional.ofNullable(present.get(device));
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
