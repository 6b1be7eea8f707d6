package io.crosslm.coordinator.config;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The addresses under which others reach this service, known once it listens. Thread-safe. */
@ApplicationScoped
public final class Endpoints {
    private final String httpHost;
    private final String mqttHost;
    private volatile int httpPort;
    private volatile int mqttPort;

    Endpoints(
            CoordinatorConfig config,
            @ConfigProperty(name = "quarkus.http.host") String httpBindHost) {
        this.httpHost = config.publicHost().orElse(reachable(httpBindHost));
        this.mqttHost = config.publicHost().orElse(reachable(config.mqtt().host()));
    }

    /** Notes the ports, which may have been chosen by the system. */
    public void listeningAt(int http, int mqtt) {
        httpPort = http;
        mqttPort = mqtt;
    }

    /** Where the REST service is. */
    public URI coordinatorUri() {
        return URI.create("http://" + httpHost + ":" + httpPort);
    }

    /** Where the broker is. */
    public URI brokerUri() {
        return URI.create("tcp://" + mqttHost + ":" + mqttPort);
    }

    /** What a device is given to enrol. */
    public URI enrolmentUri(String code) {
        return URI.create("crosslm://" + httpHost + ":" + httpPort + "/" + code);
    }

    /** "All addresses" is none that one can connect to. */
    private static String reachable(String bindHost) {
        if (bindHost.equals("0.0.0.0") || bindHost.equals("::")) {
            return "127.0.0.1";
        }
        return bindHost.contains(":") ? "[" + bindHost + "]" : bindHost;
    }
}
