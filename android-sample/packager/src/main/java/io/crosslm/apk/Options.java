package io.crosslm.apk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pairs {@code --name value} of a command line; a name may come several times. Immutable. */
final class Options {
    private final Map<String, List<String>> values;

    private Options(Map<String, List<String>> values) {
        this.values = values;
    }

    /** Reads the arguments after the command. */
    static Options parse(List<String> arguments) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!name.startsWith("--") || i + 1 == arguments.size()) {
                throw new PackagerException("expected --name value, but it is " + name);
            }
            values.computeIfAbsent(name.substring(2), key -> new ArrayList<>())
                    .add(arguments.get(i + 1));
        }
        return new Options(values);
    }

    /** The only value of a name. */
    String one(String name) {
        List<String> found = all(name);
        if (found.size() != 1) {
            throw new PackagerException(
                    "expected --" + name + " once, but it is there " + found.size() + " times");
        }
        return found.get(0);
    }

    String one(String name, String otherwise) {
        return values.containsKey(name) ? one(name) : otherwise;
    }

    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    Path path(String name) {
        return Path.of(one(name));
    }

    List<Path> paths(String name) {
        return all(name).stream().map(Path::of).toList();
    }

    /** A whole number, 1 or more. */
    long number(String name) {
        try {
            long number = Long.parseLong(one(name));
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new PackagerException(badNumber(name), e);
        }
        throw new PackagerException(badNumber(name));
    }

    private String badNumber(String name) {
        return "expected a number of 1 or more in --" + name + ", but it is " + one(name);
    }
}
