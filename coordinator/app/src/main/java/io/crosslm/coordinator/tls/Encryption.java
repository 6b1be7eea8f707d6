package io.crosslm.coordinator.tls;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
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
    private final List<Consumer<ServerIdentity>> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable ServerIdentity identity;

    /** Of a broker to which this coordinator gives a certificate. */
    private volatile @Nullable X509Certificate brokerCertificate;

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
        if (config.mqtt().certificateDir().isPresent() && endpoints.publicBroker().isEmpty()) {
            throw bad("it is for another broker, but crosslm.mqtt.broker is embedded");
        }
        if (config.mqtt().certificateDir().isPresent() && !endpoints.isEncrypted()) {
            throw bad("nothing is encrypted; write mqtts:// in crosslm.mqtt.broker");
        }
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
            if (config.mqtt().certificateDir().isPresent()) {
                throw bad(
                        "it needs the coordinator's own authority, but crosslm.tls.certificate is"
                                + " yours; give the broker a certificate of your authority");
            }
            ServerIdentity read = OperatorCertificate.read(config.tls(), clock);
            Pem.write(authorityFile(), read.authorityPem());
            identity = read;
        } else {
            OwnCertificate own = own();
            identity = own.identity(names());
            config.mqtt()
                    .certificateDir()
                    .ifPresent(other -> brokerCertificate = own.issue(brokerNames(), other));
        }
    }

    private OwnCertificate own() {
        return new OwnCertificate(folder(config.dataDir()), certificates, clock);
    }

    /**
     * Renews what is the coordinator's own and nears its end, while the service runs; listeners
     * hear of it. For one thread at a time.
     *
     * @throws CoordinatorException BAD_DATA_FOLDER or BAD_CERTIFICATE; then all stays as it was
     */
    void renew() {
        ServerIdentity before = identity;
        if (before == null || OperatorCertificate.isSet(config.tls())) {
            return;
        }
        OwnCertificate own = own();
        ServerIdentity now = own.identity(names());
        if (!now.equals(before)) {
            // First: where one fails, the next look tries again.
            listeners.forEach(listener -> listener.accept(now));
            identity = now;
        }
        config.mqtt()
                .certificateDir()
                .ifPresent(
                        other -> {
                            X509Certificate issued = own.issue(brokerNames(), other);
                            if (!issued.equals(brokerCertificate)) {
                                brokerCertificate = issued;
                                LOG.warnf(
                                        "The certificate of the broker in %s is renewed: copy it to"
                                                + " where the broker reads it, if that is another"
                                                + " folder, and have the broker read it again"
                                                + " (systemctl reload mosquitto)",
                                        other);
                            }
                        });
    }

    /** Has a listener hear of each new identity, on the thread that renews. */
    public void whenRenewed(Consumer<ServerIdentity> listener) {
        listeners.add(listener);
    }

    /** Whether the coordinator makes and renews its certificate itself. */
    public boolean isOwn() {
        return !OperatorCertificate.isSet(config.tls());
    }

    /**
     * What trusts this service and no other, after each renewal too: the own authority, which signs
     * no other server of an embedded broker's coordinator, else the operator's certificate alone.
     */
    public Optional<KeyStore> selfTrustStore() {
        return identity()
                .map(present -> isOwn() ? present.authorityTrustStore() : present.selfTrustStore());
    }

    /** As whom the service speaks; nothing where it does not encrypt, and before {@link #open}. */
    public Optional<ServerIdentity> identity() {
        return Optional.ofNullable(identity);
    }

    /**
     * Whom to trust at another server: the authorities of a file, else the one that devices trust.
     *
     * @throws CoordinatorException BAD_CERTIFICATE
     */
    public KeyStore authorities(Optional<Path> file) {
        return file.map(named -> ServerIdentity.trustStore(Pem.certificates(named)))
                .orElseGet(() -> identity().orElseThrow().authorityTrustStore());
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

    private static CoordinatorException bad(String found) {
        return new CoordinatorException(
                Code.BAD_SETTING,
                "crosslm.mqtt.certificate-dir: expected a folder for the certificate of a broker"
                        + " with TLS, but "
                        + found);
    }

    private Set<String> brokerNames() {
        List<String> hosts = new ArrayList<>();
        endpoints.broker().ifPresent(broker -> hosts.add(broker.host()));
        endpoints.publicBroker().ifPresent(broker -> hosts.add(broker.host()));
        config.tls().names().ifPresent(hosts::addAll);
        return ServerNames.of(hosts);
    }

    private Set<String> names() {
        List<String> hosts = new ArrayList<>(endpoints.bindHosts());
        config.publicHost().ifPresent(hosts::add);
        config.tls().names().ifPresent(hosts::addAll);
        return ServerNames.of(hosts);
    }
}
