package io.crosslm.coordinator.mqtt;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.PrivateFile;
import io.crosslm.coordinator.tls.ServerIdentity;
import io.crosslm.protocol.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * A HiveMQ Community Edition in this process. Retained messages are on disk and survive kill -9.
 * Confined to the thread that starts and stops the service.
 */
final class EmbeddedBroker implements Broker {
    private static final Logger LOG = Logger.getLogger(EmbeddedBroker.class);

    /** Its start hangs for ever on some errors. */
    private static final Duration START_TIMEOUT = Duration.ofSeconds(120);

    /** Messages on their way to one client: without this the coordinator takes 1,000 a second. */
    private static final int IN_FLIGHT_MESSAGES = 1_000;

    private static final String CONFIGURATION = "conf";
    private static final int POLL_BATCH = 500;
    private static final int DEVICE_RECEIVE_MAXIMUM = 64;
    private static final int MAX_KEEP_ALIVE_SECONDS = 3_600;

    private final EmbeddedHiveMQ broker;
    private final BrokerAccount account;
    private final BrokerGate gate;
    private final BrokerKeyStore keyStore;

    private EmbeddedBroker(
            EmbeddedHiveMQ broker,
            BrokerAccount account,
            BrokerGate gate,
            BrokerKeyStore keyStore) {
        this.broker = broker;
        this.account = account;
        this.gate = gate;
        this.keyStore = keyStore;
    }

    /**
     * Starts the broker and waits until it listens.
     *
     * @param folder for its files
     * @throws CoordinatorException PORT_TAKEN or BROKER_FAILED
     */
    static EmbeddedBroker start(
            Path folder, BrokerListener listener, DeviceRegistry registry, SecureRandom random) {
        checkFree(listener.host(), listener.port());
        Secret secret = Secret.random(random);
        BrokerGate gate = new BrokerGate(registry, secret);
        Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
        BrokerKeyStore keyStore = BrokerKeyStore.in(folder.resolve(CONFIGURATION));
        EmbeddedHiveMQ broker = build(folder, listener, gate, keyStore);
        try {
            broker.start().get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return new EmbeddedBroker(
                    broker, account(listener, gate.listeningPort(), secret), gate, keyStore);
        } catch (ExecutionException e) {
            throw failed(folder, e);
        } catch (TimeoutException e) {
            throw new CoordinatorException(
                    Code.BROKER_FAILED,
                    "the embedded broker did not start within "
                            + START_TIMEOUT.toSeconds()
                            + " s; is this machine too busy?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(folder, e);
        } finally {
            // HiveMQ sets one that ends the process on its own errors.
            Thread.setDefaultUncaughtExceptionHandler(handler);
        }
    }

    @Override
    public BrokerAccount account() {
        return account;
    }

    @Override
    public BrokerAccess access() {
        return gate;
    }

    @Override
    public void renew(ServerIdentity identity) {
        keyStore.write(identity);
    }

    @Override
    public void close() {
        Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
        try {
            broker.close();
        } catch (ExecutionException e) {
            LOG.warn("The broker did not stop cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(handler);
        }
    }

    private static BrokerAccount account(BrokerListener listener, int port, Secret secret) {
        // An address to listen on need not be one to connect to.
        String host = listener.host();
        return new BrokerAccount(
                host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host,
                port,
                listener.certified()
                        .map(
                                certified ->
                                        new BrokerAccount.Trust(
                                                certified.trust(), BrokerAccount.NameCheck.NONE)),
                Optional.of(new BrokerAccount.Credential(CoordinatorClient.ID, secret)));
    }

    private static EmbeddedHiveMQ build(
            Path folder, BrokerListener listener, BrokerGate gate, BrokerKeyStore keyStore) {
        InternalConfigurations.MAX_INFLIGHT_WINDOW_SIZE_MESSAGES = IN_FLIGHT_MESSAGES;
        InternalConfigurations.PUBLISH_POLL_BATCH_SIZE = POLL_BATCH;
        try {
            Path configuration = Files.createDirectories(folder.resolve(CONFIGURATION));
            Path extensions = Files.createDirectories(folder.resolve("extensions"));
            listener.certified().ifPresent(certified -> keyStore.write(certified.identity()));
            PrivateFile.write(
                    configuration.resolve("config.xml"),
                    configuration(listener.configuration(keyStore))
                            .getBytes(StandardCharsets.UTF_8));
            EmbeddedHiveMQ broker =
                    EmbeddedHiveMQ.builder()
                            .withConfigurationFolder(configuration)
                            .withDataFolder(Files.createDirectories(folder.resolve("data")))
                            .withExtensionsFolder(extensions)
                            .withEmbeddedExtension(
                                    EmbeddedExtension.builder()
                                            .withId("crosslm")
                                            .withName("CrossLM")
                                            .withVersion("1")
                                            .withExtensionMain(gate)
                                            .build())
                            .withoutLoggingBootstrap()
                            .build();
            // build() opens the broker to everybody.
            InternalConfigurations.AUTH_DENY_UNAUTHENTICATED_CONNECTIONS.set(true);
            return broker;
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    private static String configuration(String listener) {
        return """
        <?xml version="1.0"?>
        <hivemq>
          <listeners>
        %s
          </listeners>
          <mqtt>
            <queued-messages><max-queue-size>10000</max-queue-size></queued-messages>
            <keep-alive>
              <max-keep-alive>%d</max-keep-alive>
              <allow-unlimited>false</allow-unlimited>
            </keep-alive>
            <packets><max-packet-size>%d</max-packet-size></packets>
            <receive-maximum>
              <server-receive-maximum>%d</server-receive-maximum>
            </receive-maximum>
            <shared-subscriptions><enabled>false</enabled></shared-subscriptions>
          </mqtt>
          <restrictions>
            <max-client-id-length>%d</max-client-id-length>
          </restrictions>
          <security>
            <allow-empty-client-id><enabled>false</enabled></allow-empty-client-id>
          </security>
          <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
          <persistence><mode>file</mode></persistence>
        </hivemq>
        """
                .formatted(
                        listener,
                        MAX_KEEP_ALIVE_SECONDS,
                        Limits.MAX_PACKET_BYTES,
                        DEVICE_RECEIVE_MAXIMUM,
                        Limits.MAX_ID_LENGTH);
    }

    /** The broker tells a taken port by an exception without a word about it. */
    private static void checkFree(String host, int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.PORT_TAKEN,
                    "cannot listen for MQTT on "
                            + host
                            + ":"
                            + port
                            + " ("
                            + e.getMessage()
                            + "); another program may have the port: stop it, or set"
                            + " crosslm.mqtt.port to another one (0 takes a free one)",
                    e);
        }
    }

    private static CoordinatorException failed(Path folder, Exception cause) {
        return new CoordinatorException(
                Code.BROKER_FAILED,
                "the embedded broker did not start with its files in "
                        + folder
                        + "; is another coordinator running on them, or is the disk full?",
                cause);
    }
}
