package io.crosslm.coordinator.config;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where an MQTT broker is. Immutable.
 *
 * @param encrypted whether it speaks TLS
 * @param host name or address, without brackets
 */
public record BrokerUri(boolean encrypted, String host, int port) {
    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;
    private static final int MAX_PORT = 65_535;

    /**
     * Reads the value of a setting.
     *
     * @throws CoordinatorException BAD_SETTING
     */
    static BrokerUri parse(String key, String text) {
        URI uri;
        try {
            uri = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw bad(key, "it is no address");
        }
        boolean encrypted =
                switch (String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT)) {
                    case "mqtt", "tcp" -> false;
                    case "mqtts", "ssl" -> true;
                    default -> throw bad(key, "it begins with another word");
                };
        if (uri.getUserInfo() != null) {
            throw bad(
                    key,
                    "it has a user in it, which belongs into crosslm.mqtt.username and"
                            + " crosslm.mqtt.password-file");
        }
        boolean bare = uri.getRawPath() == null || uri.getRawPath().matches("/?");
        if (uri.getHost() == null || uri.getPort() > MAX_PORT || uri.getPort() == 0 || !bare) {
            throw bad(key, "host or port are missing or wrong, or something follows them");
        }
        int port = uri.getPort() > 0 ? uri.getPort() : encrypted ? TLS_PORT : PLAIN_PORT;
        return new BrokerUri(encrypted, uri.getHost().replaceAll("[\\[\\]]", ""), port);
    }

    /** As the device library writes it. */
    URI toUri() {
        return URI.create(
                (encrypted ? "ssl://" : "tcp://")
                        + (host.contains(":") ? "[" + host + "]" : host)
                        + ":"
                        + port);
    }

    private static CoordinatorException bad(String key, String found) {
        return new CoordinatorException(
                Code.BAD_SETTING,
                key
                        + ": expected an address like mqtts://broker.example.org:8883"
                        + (key.endsWith("broker") ? ", or embedded" : "")
                        + ", but "
                        + found);
    }
}
