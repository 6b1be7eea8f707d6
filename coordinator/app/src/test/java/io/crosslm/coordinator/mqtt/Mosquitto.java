package io.crosslm.coordinator.mqtt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** A mosquitto process with a configuration of the test's. It keeps nothing over a kill. */
public final class Mosquitto implements AutoCloseable {
    private final Path folder;
    private final int port;
    private Process process;

    private Mosquitto(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Skips the test where there is no mosquitto, or fails it where there must be one. */
    public static void require() {
        boolean present = program("mosquitto").isPresent() && plugin().isPresent();
        if (!present && "true".equals(System.getenv("CROSSLM_REQUIRE_BROKER"))) {
            throw new AssertionError(
                    "CROSSLM_REQUIRE_BROKER is set, but there is no mosquitto with its plugin");
        }
        Assumptions.assumeTrue(
                present,
                "SKIPPED: these tests need mosquitto (apt-get install mosquitto) on the PATH");
    }

    /** Whether there is one. */
    public static boolean isInstalled() {
        return program("mosquitto").isPresent() && plugin().isPresent();
    }

    /** The line that loads dynamic security, and its file with an administrator. */
    public static List<String> dynamicSecurity(Path folder, String user, String password) {
        Path file = folder.resolve("dynamic-security.json");
        run(
                program("mosquitto_ctrl").orElseThrow().toString(),
                "dynsec",
                "init",
                file.toString(),
                user,
                password);
        return List.of("plugin " + plugin().orElseThrow(), "plugin_opt_config_file " + file);
    }

    /** A free port, for a broker that is started later. */
    public static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Writes the configuration and starts the broker on loopback.
     *
     * @param lines of the configuration, after those of the listener
     */
    public static Mosquitto start(Path folder, int port, List<String> lines) {
        Mosquitto broker = new Mosquitto(folder, port);
        String text =
                "listener "
                        + port
                        + " 127.0.0.1\nuser root\nallow_anonymous false\n"
                        + String.join("\n", lines)
                        + "\n";
        try {
            Files.writeString(folder.resolve("mosquitto.conf"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        broker.start();
        return broker;
    }

    /** Starts it again after a kill. */
    public void start() {
        try {
            process =
                    new ProcessBuilder(
                                    program("mosquitto").orElseThrow().toString(),
                                    "-c",
                                    folder.resolve("mosquitto.conf").toString())
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            folder.resolve("mosquitto.log").toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(this::listens);
    }

    public int port() {
        return port;
    }

    /** Ends it as a loss of power does. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
    }

    private boolean listens() {
        if (!process.isAlive()) {
            throw new AssertionError("mosquitto has ended; see " + folder + "/mosquitto.log");
        }
        try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<Path> program(String name) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .map(place -> Path.of(place, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Optional<Path> plugin() {
        try (Stream<Path> libraries = Files.list(Path.of("/usr/lib"))) {
            return Stream.concat(Stream.of(Path.of("/usr/lib")), libraries.toList().stream())
                    .map(place -> place.resolve("mosquitto_dynamic_security.so"))
                    .filter(Files::exists)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void run(String... command) {
        try {
            Process once =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!once.waitFor(20, TimeUnit.SECONDS) || once.exitValue() != 0) {
                throw new AssertionError(command[0] + " " + command[1] + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
