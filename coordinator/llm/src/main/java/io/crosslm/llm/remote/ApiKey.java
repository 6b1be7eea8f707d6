package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;

/** The secret that a server asks for, or none. Immutable; its value is in no text that it gives. */
public final class ApiKey {
    /** Environment variable that {@link #ofEnvironment} reads: {@value}. */
    public static final String VARIABLE = "CROSSLM_REMOTE_API_KEY";

    private static final ApiKey NONE = new ApiKey("");
    private static final Pattern ALLOWED = Pattern.compile("[\\x21-\\x7e]{1,4096}");
    private static final int MAXIMUM_BYTES = 8192;

    private final String value;

    private ApiKey(String value) {
        this.value = value;
    }

    /** No key: requests have no Authorization header. */
    public static ApiKey none() {
        return NONE;
    }

    /**
     * A key of visible ASCII characters; space around it does not count.
     *
     * @throws LanguageModelException BAD_INPUT if it is empty, too long or has other characters
     */
    public static ApiKey of(String value) {
        String key = value.strip();
        if (!ALLOWED.matcher(key).matches()) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "An API key is expected to have 1 to 4096 visible ASCII characters, but this"
                            + " one is empty, longer, or has other characters");
        }
        return new ApiKey(key);
    }

    /**
     * The key in a file.
     *
     * @throws LanguageModelException BAD_INPUT if it cannot be read or holds no key
     */
    public static ApiKey ofFile(Path file) {
        try {
            if (Files.size(file) > MAXIMUM_BYTES) {
                throw new LanguageModelException(
                        Code.BAD_INPUT, file + " is too large for a file with an API key");
            }
            return of(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.BAD_INPUT, "The API key cannot be read from " + file + ": " + e, e);
        }
    }

    /** The key in {@link #VARIABLE}; none where it is absent or blank. */
    public static ApiKey ofEnvironment(Map<String, String> environment) {
        String value = environment.getOrDefault(VARIABLE, "");
        return value.isBlank() ? NONE : of(value);
    }

    public boolean isNone() {
        return value.isEmpty();
    }

    /** Value of the Authorization header. */
    String header() {
        return "Bearer " + value;
    }

    @Override
    public String toString() {
        return isNone() ? "no API key" : "an API key";
    }
}
