package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.OnlineDevices.Presence;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.Rebirth;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Asks devices whether they are still there, where the broker's word for it is old. Until the time
 * for an answer is over they count as present: a round rather waits than ends without them.
 * Thread-safe.
 */
final class RollCall {
    private final OnlineDevices online;
    private final BiConsumer<DeviceId, Command> commands;
    private final Duration patience;

    /**
     * A roll call by commands.
     *
     * @param patience after which a device that has not answered counts as gone
     */
    RollCall(OnlineDevices online, BiConsumer<DeviceId, Command> commands, Duration patience) {
        this.online = online;
        this.commands = commands;
        this.patience = patience;
    }

    /** Asks one device; its birth is the answer. */
    void ask(DeviceId device) {
        Optional<Instant> since = online.find(device).map(Presence::since);
        // Not a constant: messages are not made while a native image is built.
        commands.accept(
                device, Command.newBuilder().setRebirth(Rebirth.getDefaultInstance()).build());
        CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
                .execute(
                        () -> {
                            if (online.find(device).map(Presence::since).equals(since)) {
                                online.left(device);
                            }
                        });
    }

    /** Asks all who count as present. */
    void askAll() {
        online.devices().forEach(this::ask);
    }
}
