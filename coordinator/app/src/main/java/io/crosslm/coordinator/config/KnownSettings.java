package io.crosslm.coordinator.config;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.Spelling;
import java.util.List;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * The keys of {@link CoordinatorConfig}, so that another one below {@code crosslm} is found and
 * answered with the nearest. A list, because a native binary cannot ask the interface.
 */
public final class KnownSettings {
    static final List<String> KEYS =
            List.of(
                    "crosslm.data-dir",
                    "crosslm.cache-dir",
                    "crosslm.admin-token",
                    "crosslm.public-host",
                    "crosslm.tls.mode",
                    "crosslm.tls.certificate",
                    "crosslm.tls.key",
                    "crosslm.tls.authority",
                    "crosslm.tls.names",
                    "crosslm.mqtt.broker",
                    "crosslm.mqtt.host",
                    "crosslm.mqtt.port",
                    "crosslm.mqtt.public-uri",
                    "crosslm.mqtt.username",
                    "crosslm.mqtt.password-file",
                    "crosslm.mqtt.ca-file",
                    "crosslm.mqtt.access",
                    "crosslm.mqtt.certificate-dir",
                    "crosslm.llm.model",
                    "crosslm.llm.data-type",
                    "crosslm.llm.device",
                    "crosslm.llm.general-passages",
                    "crosslm.llm.threads",
                    "crosslm.llm.packed-layers",
                    "crosslm.llm.remote.url",
                    "crosslm.llm.remote.model",
                    "crosslm.llm.remote.api-key",
                    "crosslm.llm.remote.api-key-file",
                    "crosslm.llm.remote.concurrency",
                    "crosslm.slm.encoders.<name>.path",
                    "crosslm.slm.encoders.<name>.licence");

    private static final String PREFIX = "crosslm.";

    private static final Pattern ENCODER =
            Pattern.compile("^(crosslm\\.slm\\.encoders\\.)[^.]+(\\.)");

    private KnownSettings() {}

    /**
     * Looks through all sources but the environment, whose names cannot be told apart from those of
     * other programs' variables.
     *
     * @throws CoordinatorException if one has a key that is not known
     */
    public static void check(Config config) {
        for (ConfigSource source : config.getConfigSources()) {
            if (source.getName().startsWith("EnvConfigSource")) {
                continue;
            }
            for (String key : source.getPropertyNames()) {
                check(key, place(source));
            }
        }
    }

    private static String place(ConfigSource source) {
        return source.getName().startsWith("SysProp") ? "the command line (-D)" : source.getName();
    }

    static void check(String key, String source) {
        // A list may also be given as names[0], names[1].
        String known =
                ENCODER.matcher(key.replaceFirst("\\[\\d+]$", "")).replaceFirst("$1<name>$2");
        if (key.startsWith(PREFIX) && !KEYS.contains(known)) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "unknown setting \""
                            + key
                            + "\" in "
                            + source
                            + "."
                            + Spelling.suggestion(key, KEYS)
                            + " docs/ref-config.md lists all");
        }
    }
}
