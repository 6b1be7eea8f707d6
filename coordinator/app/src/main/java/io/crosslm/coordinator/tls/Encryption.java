package io.crosslm.coordinator.tls;

import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Whether HTTP and MQTT are encrypted, and as whom the service speaks then. Thread-safe. */
@ApplicationScoped
public final class Encryption {
    private static final Logger LOG = Logger.getLogger(Encryption.class);

    private final CoordinatorConfig config;
    private final Endpoints endpoints;
    private final Certificates certificates;
    private final Clock clock;
    private volatile @Nullable ServerIdentity identity;

    Encryption(CoordinatorConfig config, Endpoints endpoints, SecureRandom random, Clock clock) {
        this.config = config;
        this.endpoints = endpoints;
        this.certificates = new Certificates(random);
        this.clock = clock;
    }

    /** Where the coordinator's own certificates lie. */
    public static Path folder(Path dataFolder) {
        return dataFolder.resolve("tls");
    }

    /** Reads the certificates, and makes them if need be; the data folder must be there. */
    public void open() {
        boolean operators = OperatorCertificate.isSet(config.tls());
        if (!endpoints.isEncrypted()) {
            if (!endpoints.isLoopback()) {
                LOG.warn(
                        "crosslm.tls.mode is off: HTTP and MQTT are not encrypted, everybody on"
                                + " the way can read tokens, and devices on other machines refuse"
                                + " to connect");
            }
            return;
        }
        if (operators) {
            ServerIdentity read = OperatorCertificate.read(config.tls(), clock);
            Pem.write(authorityFile(), read.authorityPem());
            identity = read;
        } else {
            identity =
                    new OwnCertificate(folder(config.dataDir()), certificates, clock)
                            .identity(names());
        }
    }

    /** As whom the service speaks; nothing where it does not encrypt, and before {@link #open}. */
    public Optional<ServerIdentity> identity() {
        return Optional.ofNullable(identity);
    }

    /** A file with the authority's certificate, for those who connect from this machine. */
    public Optional<Path> authorityPath() {
        return identity().map(present -> authorityFile());
    }

    private Path authorityFile() {
        return OperatorCertificate.isSet(config.tls())
                ? config.dataDir().resolve("authority.pem")
                : folder(config.dataDir()).resolve("ca.pem");
    }

    private Set<String> names() {
        List<String> hosts = new ArrayList<>(endpoints.bindHosts());
        config.publicHost().ifPresent(hosts::add);
        config.tls().names().ifPresent(hosts::addAll);
        return ServerNames.of(hosts);
    }
}
