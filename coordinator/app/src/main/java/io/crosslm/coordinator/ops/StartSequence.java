package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.KnownSettings;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.mqtt.Fleet;
import io.crosslm.coordinator.round.RoundEngine;
import io.crosslm.coordinator.tls.CertificateRenewal;
import io.crosslm.coordinator.tls.Encryption;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.evaluation.LastWords;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.ConfigProvider;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings the service up in order: data folder, certificates and database, the broker, the rounds
 * that were open, what devices have sent, and last HTTP. A failure ends the process with one line
 * that says what to do.
 */
@ApplicationScoped
final class StartSequence {
    private static final Logger LOG = Logger.getLogger(StartSequence.class);

    private static final int FIRST = 10;
    private static final int SECOND = 100;
    private static final int LAST = 10_000;

    private final CoordinatorConfig config;
    private final DataSource database;
    private final Flyway flyway;
    private final Fleet fleet;
    private final RoundEngine engine;
    private final Readiness readiness;
    private final AdminToken adminToken;
    private final Encryption encryption;
    private final CertificateRenewal renewal;
    private @Nullable DataFolder folder;

    StartSequence(
            CoordinatorConfig config,
            DataSource database,
            Flyway flyway,
            Fleet fleet,
            RoundEngine engine,
            Readiness readiness,
            AdminToken adminToken,
            Encryption encryption,
            CertificateRenewal renewal) {
        this.config = config;
        this.database = database;
        this.flyway = flyway;
        this.fleet = fleet;
        this.engine = engine;
        this.readiness = readiness;
        this.adminToken = adminToken;
        this.encryption = encryption;
        this.renewal = renewal;
    }

    void openStorage(@Observes @Priority(FIRST) StartupEvent event) {
        orEnd(
                () -> {
                    BundledLibraries.announce();
                    KnownSettings.check(ConfigProvider.getConfig());
                    folder = DataFolder.open(config.dataDir());
                    adminToken.open();
                    checkModel();
                    encryption.open();
                    try {
                        flyway.migrate();
                    } catch (FlywayException e) {
                        throw new CoordinatorException(
                                Code.BAD_DATA_FOLDER,
                                "the database in "
                                        + config.dataDir().toAbsolutePath()
                                        + " cannot be opened or is of another version; is the disk"
                                        + " full, or was the file damaged?",
                                e);
                    }
                });
    }

    void startBroker(
            @Observes @Priority(SECOND) StartupEvent event,
            DeviceRegistry registry,
            OnlineDevices online) {
        orEnd(() -> fleet.start(registry, online, nextEpoch()));
    }

    void resumeRounds(@Observes @Priority(LAST) StartupEvent event) {
        engine.start();
        fleet.open();
        renewal.start();
    }

    /** HTTP listens after all that; only then its port is known. */
    void becomeReady(@ObservesAsync HttpServerStart event) {
        try {
            readiness.announce(fleet.port());
        } catch (CoordinatorException e) {
            LOG.error(e.getMessage());
            Quarkus.asyncExit(1);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        readiness.withdraw();
        if (folder == null) {
            // The start ended before anything was opened.
            return;
        }
        renewal.stop();
        engine.close();
        fleet.stop();
        folder.close();
    }

    /** Read now, so that a bad file or address is found before a round needs it. */
    private void checkModel() {
        RemoteModel.of(config.llm().remote());
        try {
            config.llm().generalPassages().ifPresent(LastWords::read);
        } catch (LanguageModelException e) {
            throw new CoordinatorException(
                    Code.BAD_SETTING, "crosslm.llm.general-passages: " + e.getMessage(), e);
        }
    }

    private long nextEpoch() {
        try (Connection connection = database.getConnection();
                PreparedStatement update =
                        connection.prepareStatement(
                                "update coordinator set epoch = epoch + 1 where id = 1 returning"
                                        + " epoch");
                ResultSet row = update.executeQuery()) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new CoordinatorException(
                    Code.STORAGE, "the database did not count this start", e);
        }
    }

    private void orEnd(Runnable step) {
        try {
            step.run();
        } catch (CoordinatorException e) {
            LOG.debug("Why the start failed", e);
            fleet.stop();
            // Of this exception, without a cause, the message alone is printed; exit code 1.
            throw new ConfigurationException(e.getMessage());
        }
    }
}
