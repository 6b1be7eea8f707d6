package io.crosslm.testkit;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import io.crosslm.edge.store.StorageDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * HiveMQ CE inside the test's process, in memory, on a free loopback port. It knows everybody whose
 * password is "secret", and lets nobody publish below "forbidden/". It takes seconds to start: all
 * tests share one, and take their retained messages away.
 */
final class HiveMqBroker {
    private final int port;

    private HiveMqBroker(int port) {
        this.port = port;
    }

    /** The broker of this JVM, which ends with it. */
    static HiveMqBroker shared() {
        return Shared.BROKER;
    }

    private static HiveMqBroker start() {
        int port = freePort();
        // It replaces the JVM's handler by one that exits; the tests keep theirs.
        Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
        try {
            Path directory = Files.createTempDirectory("crosslm-broker");
            Path config = Files.createDirectories(directory.resolve("conf"));
            Files.writeString(config.resolve("config.xml"), config(port));
            EmbeddedHiveMQ broker =
                    EmbeddedHiveMQ.builder()
                            .withConfigurationFolder(config)
                            .withDataFolder(Files.createDirectories(directory.resolve("data")))
                            .withExtensionsFolder(
                                    Files.createDirectories(directory.resolve("extensions")))
                            .withEmbeddedExtension(
                                    EmbeddedExtension.builder()
                                            .withId("test")
                                            .withName("test")
                                            .withVersion("1")
                                            .withExtensionMain(new Passwords())
                                            .build())
                            .withoutLoggingBootstrap()
                            .build();
            broker.start().get(60, TimeUnit.SECONDS);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker, directory)));
            return new HiveMqBroker(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not start", e);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(handler);
        }
    }

    int port() {
        return port;
    }

    String uri() {
        return "tcp://127.0.0.1:" + port;
    }

    private static void stop(EmbeddedHiveMQ broker, Path directory) {
        try {
            broker.close();
            StorageDirectory.delete(directory);
        } catch (IOException | ExecutionException e) {
            throw new IllegalStateException("the broker does not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String config(int port) {
        return "<?xml version=\"1.0\"?><hivemq><listeners><tcp-listener><port>"
                + port
                + "</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>"
                + "<anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>"
                + "<persistence><mode>in-memory</mode></persistence>"
                + "<mqtt><packets><max-packet-size>262144</max-packet-size></packets></mqtt></hivemq>";
    }

    /** Started by the first test that asks. */
    private static final class Shared {
        private static final HiveMqBroker BROKER = start();
    }

    /** Lets the right password in. */
    private static final class Passwords implements ExtensionMain {
        @Override
        public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
            SimpleAuthenticator authenticator = Passwords::authenticate;
            Services.securityRegistry().setAuthenticatorProvider(given -> authenticator);
        }

        @Override
        public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
            // Nothing to free.
        }

        private static void authenticate(SimpleAuthInput input, SimpleAuthOutput output) {
            String password =
                    input.getConnectPacket()
                            .getPassword()
                            .map(bytes -> StandardCharsets.UTF_8.decode(bytes).toString())
                            .orElse("");
            if (!password.equals("secret")) {
                output.failAuthentication();
                return;
            }
            output.getDefaultPermissions()
                    .add(
                            Builders.topicPermission()
                                    .topicFilter("forbidden/#")
                                    .type(TopicPermission.PermissionType.DENY)
                                    .build());
            output.getDefaultPermissions().add(Builders.topicPermission().topicFilter("#").build());
            output.authenticateSuccessfully();
        }
    }
}
