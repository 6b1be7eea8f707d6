package io.crosslm.coordinator.mqtt;

import io.crosslm.testkit.CutProxy;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/**
 * Has the service under test meet its devices at a mosquitto with TLS and dynamic security. The
 * broker starts when the service has written its certificate: until then it is not there.
 */
public final class MosquittoResource implements QuarkusTestResourceLifecycleManager {
    /** The service's user name at the broker. */
    static final String USER = "crosslm";

    /** What the service's password is. */
    static final String PASSWORD = "password-of-the-test-coordinator";

    private static volatile MosquittoResource current;

    private Path folder;
    private CutProxy proxy;
    private volatile Mosquitto broker;

    /** The broker of the running test. */
    public static Mosquitto broker() {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> current.broker != null);
        return current.broker;
    }

    /** What stands between service and broker; devices go straight. */
    static CutProxy proxy() {
        return current.proxy;
    }

    public static Path authority() {
        return current.folder.resolve("certificates/ca.crt");
    }

    @Override
    public Map<String, String> start() {
        current = this;
        int port = Mosquitto.freePort();
        proxy = CutProxy.to(port);
        try {
            folder = Files.createTempDirectory("crosslm-mosquitto-test");
            Files.writeString(folder.resolve("password"), PASSWORD + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (Mosquitto.isInstalled()) {
            Thread starter = new Thread(() -> startWithCertificate(port), "mosquitto-starter");
            starter.setDaemon(true);
            starter.start();
        }
        return Map.of(
                "crosslm.mqtt.broker",
                "mqtts://127.0.0.1:" + proxy.port(),
                "crosslm.mqtt.public-uri",
                "mqtts://localhost:" + port,
                "crosslm.mqtt.username",
                USER,
                "crosslm.mqtt.password-file",
                folder.resolve("password").toString(),
                "crosslm.mqtt.access",
                "dynamic-security",
                "crosslm.mqtt.certificate-dir",
                folder.resolve("certificates").toString());
    }

    @Override
    public void stop() {
        if (broker != null) {
            broker.close();
        }
        proxy.close();
    }

    private void startWithCertificate(int port) {
        Path certificates = folder.resolve("certificates");
        Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> Files.exists(certificates.resolve("ca.crt")));
        List<String> lines = new ArrayList<>();
        lines.add("certfile " + certificates.resolve("server.crt"));
        lines.add("keyfile " + certificates.resolve("server.key"));
        lines.addAll(Mosquitto.dynamicSecurity(folder, USER, PASSWORD));
        broker = Mosquitto.start(folder, port, lines);
    }
}
