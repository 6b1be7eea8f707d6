package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.BrokerUri;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.config.Endpoints;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.Encryption;
import io.crosslm.coordinator.tls.ServerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.jboss.logging.Logger;

/** A broker that somebody else runs. Immutable. */
final class ExternalBroker implements Broker {
    private static final Logger LOG = Logger.getLogger(ExternalBroker.class);
    private static final long MAX_PASSWORD_BYTES = 4_096;

    private final BrokerAccount account;
    private final BrokerAccess access;

    private ExternalBroker(BrokerAccount account, BrokerAccess access) {
        this.account = account;
        this.access = access;
    }

    /**
     * What the settings say of it; nothing is asked of the broker yet.
     *
     * @throws CoordinatorException BAD_SETTING or BAD_CERTIFICATE
     */
    static ExternalBroker of(
            BrokerUri uri,
            CoordinatorConfig.Mqtt config,
            Encryption encryption,
            DeviceRegistry registry) {
        if (!uri.encrypted() && !Endpoints.isLoopback(uri.host())) {
            LOG.warn(
                    "crosslm.mqtt.broker has no TLS: everybody on the way can read what passes,"
                            + " the coordinator's password too");
        }
        BrokerAccount account =
                new BrokerAccount(
                        uri.host(), uri.port(), trust(uri, config, encryption), credential(config));
        return new ExternalBroker(
                account,
                switch (config.access()) {
                    case OPERATOR -> new OperatorAccess();
                    case DYNAMIC_SECURITY -> dynamicSecurity(account, registry);
                });
    }

    @Override
    public BrokerAccount account() {
        return account;
    }

    @Override
    public BrokerAccess access() {
        return access;
    }

    /** It has a certificate of its own. */
    @Override
    public void renew(ServerIdentity identity) {}

    @Override
    public void close() {
        access.close();
    }

    private static DynamicSecurity dynamicSecurity(BrokerAccount account, DeviceRegistry registry) {
        if (account.credential().isEmpty()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.mqtt.access: expected crosslm.mqtt.username and"
                            + " crosslm.mqtt.password-file beside dynamic-security, of the"
                            + " plugin's administrator, but they are not set");
        }
        return new DynamicSecurity(account, registry, new SecureRandom());
    }

    private static Optional<BrokerAccount.Trust> trust(
            BrokerUri uri, CoordinatorConfig.Mqtt config, Encryption encryption) {
        if (!uri.encrypted()) {
            if (config.caFile().isPresent()) {
                throw new CoordinatorException(
                        Code.BAD_SETTING,
                        "crosslm.mqtt.ca-file: expected a broker with TLS beside it, but"
                                + " crosslm.mqtt.broker is one without; write mqtts://");
            }
            return Optional.empty();
        }
        return Optional.of(
                new BrokerAccount.Trust(
                        encryption.authorities(config.caFile()), BrokerAccount.NameCheck.HOST));
    }

    private static Optional<BrokerAccount.Credential> credential(CoordinatorConfig.Mqtt config) {
        if (config.username().isPresent() != config.passwordFile().isPresent()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "expected crosslm.mqtt.username and crosslm.mqtt.password-file together, but"
                            + " only one of them is set");
        }
        return config.username()
                .map(
                        name ->
                                new BrokerAccount.Credential(
                                        name, password(config.passwordFile().orElseThrow())));
    }

    private static Secret password(Path file) {
        try {
            if (Files.size(file) > MAX_PASSWORD_BYTES) {
                throw badPassword(file, "it is larger");
            }
            String password = Files.readString(file).strip();
            if (password.isEmpty()) {
                throw badPassword(file, "it is empty");
            }
            return Secret.of(password);
        } catch (IOException e) {
            // Not the exception's message: of a malformed text it might quote something.
            throw badPassword(file, "it cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static CoordinatorException badPassword(Path file, String found) {
        return new CoordinatorException(
                Code.BAD_SETTING,
                "crosslm.mqtt.password-file: expected a password of at most "
                        + MAX_PASSWORD_BYTES
                        + " bytes in "
                        + file.toAbsolutePath()
                        + ", but "
                        + found);
    }
}
