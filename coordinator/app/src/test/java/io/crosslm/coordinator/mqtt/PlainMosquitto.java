package io.crosslm.coordinator.mqtt;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Has the service under test meet its devices at a mosquitto on loopback, without encryption. */
public final class PlainMosquitto implements QuarkusTestResourceLifecycleManager {
    private static final String USER = "crosslm";
    private static final String PASSWORD = "password-of-the-test-coordinator";

    private @Nullable Mosquitto broker;

    @Override
    public Map<String, String> start() {
        int port = Mosquitto.freePort();
        try {
            Path folder = Files.createTempDirectory("crosslm-plain-mosquitto");
            Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
            if (Mosquitto.isInstalled()) {
                broker =
                        Mosquitto.start(
                                folder, port, Mosquitto.dynamicSecurity(folder, USER, PASSWORD));
            }
            return Map.of(
                    "crosslm.mqtt.broker",
                    "mqtt://127.0.0.1:" + port,
                    "crosslm.mqtt.username",
                    USER,
                    "crosslm.mqtt.password-file",
                    password.toString(),
                    "crosslm.mqtt.access",
                    "dynamic-security");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void stop() {
        if (broker != null) {
            broker.close();
        }
    }
}
