package io.crosslm.agent;

import io.crosslm.agent.AgentConfig.Resources;
import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.agent.AgentException.Code;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.TreeSet;

/**
 * Reads and checks the agent's config file, a Java properties file in UTF-8. {@link ConfigKey}
 * lists what may stand in it. A relative path is relative to the directory of the config file.
 */
final class ConfigFile {
    /** Threads that an engine may be given. */
    static final int MAX_THREADS = 256;

    /** Memory that trainings may be given, 1 TiB. */
    static final int MAX_MEBIBYTES = 1 << 20;

    /** Power that may be stated. */
    static final int MAX_WATTS = 10_000;

    /** Characters of a config file. */
    static final int MAX_CHARACTERS = 1024 * 1024;

    private final Path file;
    private final Map<String, String> values;

    private ConfigFile(Path file, Map<String, String> values) {
        this.file = file;
        this.values = values;
    }

    /**
     * Reads a config file.
     *
     * @throws AgentException if the file cannot be read, has an unknown key or lacks one, or has a
     *     value that makes no sense
     */
    static AgentConfig read(Path file) {
        return new ConfigFile(file, properties(file)).config();
    }

    private static Map<String, String> properties(Path file) {
        StringBuilder content = new StringBuilder();
        try (TextLines lines = TextLines.open(file)) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                content.append(line).append('\n');
                if (content.length() > MAX_CHARACTERS) {
                    throw new AgentException(
                            Code.TOO_LARGE,
                            file
                                    + ": expected a config file of at most "
                                    + MAX_CHARACTERS
                                    + " characters, found more");
                }
            }
        }
        UniqueProperties properties = new UniqueProperties();
        try {
            properties.load(new StringReader(content.toString()));
        } catch (IllegalArgumentException e) {
            throw new AgentException(
                    Code.BAD_CONFIG,
                    file + ": expected four hexadecimal digits after each \\u, found others");
        } catch (IOException e) {
            throw new AgentException(Code.UNREADABLE_FILE, file + ": reading failed", e);
        }
        if (!properties.repeated.isEmpty()) {
            throw new AgentException(
                    Code.BAD_CONFIG,
                    file + ": expected each key once, found twice " + properties.repeated);
        }
        Map<String, String> values = new HashMap<>();
        properties.forEach((key, value) -> values.put((String) key, ((String) value).strip()));
        return values;
    }

    private AgentConfig config() {
        NavigableSet<String> tasks = new TreeSet<>();
        for (String key : new TreeSet<>(values.keySet())) {
            taskOf(key).ifPresent(tasks::add);
        }
        if (tasks.isEmpty() || tasks.size() > Limits.MAX_DEVICE_TASKS) {
            throw bad(
                    ConfigKey.TRAINING.pattern(),
                    "expected 1 to "
                            + Limits.MAX_DEVICE_TASKS
                            + " tasks with such a key, found "
                            + tasks.size());
        }
        return new AgentConfig(
                coordinator(),
                value(ConfigKey.ENROLMENT_CODE, ""),
                path(ConfigKey.STORAGE, "").orElseThrow(() -> missing(ConfigKey.STORAGE, "")),
                value(ConfigKey.ENGINE, "").orElseThrow(() -> missing(ConfigKey.ENGINE, "")),
                resources(),
                tasks.stream().map(this::taskFiles).toList());
    }

    /** The task that a key is of, or none if it is the device's; an unknown key is an error. */
    private Optional<String> taskOf(String key) {
        int end = key.lastIndexOf('.');
        boolean ofTask = key.startsWith(ConfigKey.TASK_PREFIX);
        String task =
                ofTask && end > ConfigKey.TASK_PREFIX.length()
                        ? key.substring(ConfigKey.TASK_PREFIX.length(), end)
                        : "";
        if (Arrays.stream(ConfigKey.values())
                .noneMatch(known -> known.isOfTask() == ofTask && known.of(task).equals(key))) {
            throw new AgentException(
                    Code.BAD_CONFIG,
                    file
                            + ": unknown key \""
                            + key
                            + "\"."
                            + Spelling.suggestion(key, ConfigKey.like(key))
                            + " Known are "
                            + String.join(", ", ConfigKey.patterns()));
        }
        return ofTask ? Optional.of(task) : Optional.empty();
    }

    private TaskFiles taskFiles(String name) {
        TaskName task;
        try {
            task = new TaskName(name);
        } catch (ProtocolException e) {
            throw bad(ConfigKey.TRAINING.of(name), "in place of <name>: " + e.getMessage());
        }
        String text = value(ConfigKey.TEXT, name).orElse("");
        String label = value(ConfigKey.LABEL, name).orElse("");
        if (text.equals(label)) {
            throw bad(
                    ConfigKey.LABEL.of(name),
                    "expected another column than " + ConfigKey.TEXT.of(name) + ", found the same");
        }
        return new TaskFiles(
                task,
                value(ConfigKey.MODEL, name),
                path(ConfigKey.TRAINING, name).orElseThrow(() -> missing(ConfigKey.TRAINING, name)),
                path(ConfigKey.VALIDATION, name),
                path(ConfigKey.TEST, name),
                text,
                label);
    }

    private Optional<URI> coordinator() {
        return value(ConfigKey.COORDINATOR, "").map(this::address);
    }

    private URI address(String text) {
        try {
            URI uri = new URI(text);
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isHttp && uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw badCoordinator();
        }
        throw badCoordinator();
    }

    /** Does not show the value: somebody may have put the enrolment code here. */
    private AgentException badCoordinator() {
        return bad(
                ConfigKey.COORDINATOR.pattern(),
                "expected an address like https://10.0.0.5:8080, found something else");
    }

    private Resources resources() {
        return new Resources(
                number(ConfigKey.THREADS, MAX_THREADS)
                        .orElseThrow(() -> missing(ConfigKey.THREADS, "")),
                number(ConfigKey.TRAINING_MEMORY, MAX_MEBIBYTES),
                watts());
    }

    /** A whole number from 1. */
    private OptionalInt number(ConfigKey key, int most) {
        Optional<String> text = value(key, "");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        int number;
        try {
            number = Integer.parseInt(text.get());
        } catch (NumberFormatException e) {
            number = 0;
        }
        if (number < 1 || number > most) {
            throw bad(
                    key.pattern(),
                    "expected a number from 1 to " + most + ", found \"" + text.get() + "\"");
        }
        return OptionalInt.of(number);
    }

    private OptionalDouble watts() {
        Optional<String> text = value(ConfigKey.TRAINING_WATTS, "");
        if (text.isEmpty()) {
            return OptionalDouble.empty();
        }
        double watts;
        try {
            watts = Double.parseDouble(text.get());
        } catch (NumberFormatException e) {
            watts = 0;
        }
        if (!(watts > 0 && watts <= MAX_WATTS)) {
            throw bad(
                    ConfigKey.TRAINING_WATTS.pattern(),
                    "expected a number above 0 and up to "
                            + MAX_WATTS
                            + ", found \""
                            + text.get()
                            + "\"");
        }
        return OptionalDouble.of(watts);
    }

    private Optional<Path> path(ConfigKey key, String task) {
        return value(key, task)
                .map(
                        text -> {
                            try {
                                return file.toAbsolutePath().resolveSibling(text).normalize();
                            } catch (InvalidPathException e) {
                                throw bad(key.of(task), "expected a path, found \"" + text + "\"");
                            }
                        });
    }

    /** The value or its default; an empty value is an error. */
    private Optional<String> value(ConfigKey key, String task) {
        String text = values.get(key.of(task));
        if (text == null) {
            return Optional.ofNullable(key.defaultValue());
        }
        if (text.isEmpty()) {
            throw bad(key.of(task), "expected a value, found none");
        }
        return Optional.of(text);
    }

    private AgentException missing(ConfigKey key, String task) {
        return bad(key.of(task), "is missing. " + key.meaning());
    }

    private AgentException bad(String key, String message) {
        return new AgentException(Code.BAD_CONFIG, file + ": " + key + ": " + message);
    }

    /** Properties that remember which keys came twice, where the JDK's keep the last one. */
    private static final class UniqueProperties extends Properties {
        private static final long serialVersionUID = 1L;

        private final TreeSet<String> repeated = new TreeSet<>();

        @Override
        public synchronized Object put(Object key, Object value) {
            Object before = super.put(key, value);
            if (before != null) {
                repeated.add((String) key);
            }
            return before;
        }
    }
}
