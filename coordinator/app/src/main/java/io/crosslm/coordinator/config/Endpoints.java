package io.crosslm.coordinator.config;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.CertificatePin;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The addresses under which others reach this service, known once it listens. Thread-safe. */
@ApplicationScoped
public final class Endpoints {
    private static final String EMBEDDED = "embedded";
    private static final String BROKER = "crosslm.mqtt.broker";

    private final String httpHost;
    private final String mqttHost;
    private final Optional<BrokerUri> broker;
    private final Optional<BrokerUri> publicBroker;
    private final List<String> bindHosts;
    private final boolean encrypted;
    private volatile int httpPort;
    private volatile int mqttPort;

    Endpoints(
            CoordinatorConfig config,
            @ConfigProperty(name = "quarkus.http.host") String httpBindHost) {
        this.httpHost = config.publicHost().orElse(reachable(httpBindHost));
        this.mqttHost = config.publicHost().orElse(reachable(config.mqtt().host()));
        this.broker =
                config.mqtt().broker().strip().equalsIgnoreCase(EMBEDDED)
                        ? Optional.empty()
                        : Optional.of(BrokerUri.parse(BROKER, config.mqtt().broker()));
        this.publicBroker =
                config.mqtt()
                        .publicUri()
                        .map(uri -> BrokerUri.parse("crosslm.mqtt.public-uri", uri))
                        .or(() -> broker);
        this.bindHosts =
                broker.isPresent()
                        ? List.of(httpBindHost)
                        : List.of(httpBindHost, config.mqtt().host());
        boolean brokerEncrypted =
                Stream.of(broker, publicBroker)
                        .flatMap(Optional::stream)
                        .anyMatch(BrokerUri::encrypted);
        this.encrypted =
                switch (config.tls().mode()) {
                    case ON -> true;
                    case OFF -> false;
                    case AUTO -> !isLoopback() || brokerEncrypted;
                };
        if (brokerEncrypted && !encrypted) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.tls.mode: expected on or auto beside a broker with TLS, because"
                            + " devices learn its authority when they enrol, but it is off");
        }
        if (broker.isEmpty() && config.mqtt().publicUri().isPresent()) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.mqtt.public-uri: expected "
                            + BROKER
                            + " to name a broker beside it, but that is embedded; leave the"
                            + " setting out, or set crosslm.public-host");
        }
    }

    /** The broker that is not embedded, if there is one. */
    public Optional<BrokerUri> broker() {
        return broker;
    }

    /** The same as devices reach it. */
    public Optional<BrokerUri> publicBroker() {
        return publicBroker;
    }

    /** The addresses to listen on, of HTTP and of the embedded broker. */
    public List<String> bindHosts() {
        return bindHosts;
    }

    /** Whether only this machine can connect. */
    public boolean isLoopback() {
        return bindHosts.stream().allMatch(Endpoints::isLoopback);
    }

    /** Whether HTTP and MQTT are encrypted. */
    public boolean isEncrypted() {
        return encrypted;
    }

    /** Notes the ports, which may have been chosen by the system. */
    public void listeningAt(int http, int mqtt) {
        httpPort = http;
        mqttPort = mqtt;
    }

    /** Where the REST service is. */
    public URI coordinatorUri() {
        return URI.create((encrypted ? "https://" : "http://") + httpHost + ":" + httpPort);
    }

    /** Where devices find the broker. */
    public URI brokerUri() {
        if (publicBroker.isPresent()) {
            return publicBroker.get().toUri();
        }
        return URI.create((encrypted ? "ssl://" : "tcp://") + mqttHost + ":" + mqttPort);
    }

    /**
     * What a device is given to enrol.
     *
     * @param pin of the authority to trust; none without encryption
     */
    public URI enrolmentUri(String code, Optional<CertificatePin> pin) {
        return URI.create(
                "crosslm://"
                        + httpHost
                        + ":"
                        + httpPort
                        + "/"
                        + code
                        + pin.map(present -> "#" + present.text()).orElse(""));
    }

    /** Whether a host is this machine. */
    public static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            // Listening on it will say so; until then it counts as an address of others.
            return false;
        }
    }

    /** "All addresses" is none that one can connect to. */
    private static String reachable(String bindHost) {
        if (bindHost.equals("0.0.0.0") || bindHost.equals("::")) {
            return "127.0.0.1";
        }
        return bindHost.contains(":") ? "[" + bindHost + "]" : bindHost;
    }
}
