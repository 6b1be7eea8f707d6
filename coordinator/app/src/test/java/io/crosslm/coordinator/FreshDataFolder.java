package io.crosslm.coordinator;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** Gives the application under test an empty data folder and free ports. */
public final class FreshDataFolder implements QuarkusTestResourceLifecycleManager {
    private Path folder;

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("crosslm-coordinator-test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of(
                "crosslm.data-dir",
                folder.toString(),
                "crosslm.mqtt.port",
                "0",
                "crosslm.admin-token",
                Operator.TOKEN,
                "crosslm.llm.model",
                "none");
    }

    @Override
    public void stop() {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
