package io.crosslm.coordinator.ops;

import com.google.gson.JsonObject;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import io.crosslm.coordinator.tls.Encryption;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Whether the service takes requests, and how others get to know. Thread-safe. */
@ApplicationScoped
public final class Readiness {
    private static final Logger LOG = Logger.getLogger(Readiness.class);

    private final CoordinatorConfig config;
    private final Endpoints endpoints;
    private final Encryption encryption;
    private volatile boolean ready;

    Readiness(CoordinatorConfig config, Endpoints endpoints, Encryption encryption) {
        this.config = config;
        this.endpoints = endpoints;
        this.encryption = encryption;
    }

    public boolean isReady() {
        return ready;
    }

    /** Writes endpoints.json and the line that scripts wait for. */
    void announce(int mqttPort) {
        // Once the server listens, this is the port that it got.
        int httpPort = ConfigProvider.getConfig().getValue("quarkus.http.port", Integer.class);
        endpoints.listeningAt(httpPort, mqttPort);
        JsonObject json = new JsonObject();
        json.addProperty("http", endpoints.coordinatorUri().toString());
        json.addProperty("mqtt", endpoints.brokerUri().toString());
        encryption
                .authorityPath()
                .ifPresent(ca -> json.addProperty("ca", ca.toAbsolutePath().toString()));
        Path file = file();
        try {
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(part, json + "\n");
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot write " + file.toAbsolutePath() + " (" + e + "); is the disk full?",
                    e);
        }
        ready = true;
        LOG.infof(
                "CrossLM coordinator ready: %s %s data %s; dashboard %s/ui",
                endpoints.coordinatorUri(),
                endpoints
                        .brokerUri()
                        .toString()
                        .replaceFirst("^tcp", "mqtt")
                        .replaceFirst("^ssl", "mqtts"),
                config.dataDir(),
                endpoints.coordinatorUri());
    }

    /** The service is about to stop. */
    void withdraw() {
        if (!ready) {
            return;
        }
        ready = false;
        try {
            Files.deleteIfExists(file());
        } catch (IOException e) {
            LOG.debugf("Could not delete %s: %s", file(), e);
        }
    }

    private Path file() {
        return config.dataDir().resolve("endpoints.json");
    }
}
