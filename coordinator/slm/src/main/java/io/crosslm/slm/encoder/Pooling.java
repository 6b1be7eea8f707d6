package io.crosslm.slm.encoder;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.slm.SlmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How one embedding is made of a text's last hidden states [T, C]. */
public enum Pooling {
    /** Their mean over the real tokens, [CLS] and [SEP] among them. */
    MEAN,
    /** The first one, that of [CLS]. */
    CLS;

    private static final String CONFIG = "1_Pooling/config.json";
    private static final String FLAG = "pooling_mode_";
    private static final int MOST_CONFIG_BYTES = 1 << 16;

    /** The word in manifests and options. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The pooling of a word.
     *
     * @throws IllegalArgumentException if there is none of this word
     */
    public static Pooling of(String word) {
        for (Pooling pooling : values()) {
            if (pooling.word().equals(word)) {
                return pooling;
            }
        }
        throw new IllegalArgumentException(
                "pooling " + word + " is not known; mean or cls was expected");
    }

    /**
     * What Sentence Transformers' file {@value #CONFIG} says beside an encoder, or beside the
     * folder {@code onnx} that it lies in; empty if there is no such file.
     *
     * @throws SlmException BAD_ENCODER if the file is malformed or asks for something else
     */
    static Optional<Pooling> beside(Path encoder) {
        return configBeside(encoder).map(Pooling::read);
    }

    /** That file, if there is one. */
    static Optional<Path> configBeside(Path encoder) {
        Path folder = encoder.toAbsolutePath().normalize().getParent();
        for (Path place = folder; place != null; place = place.getParent()) {
            Path file = place.resolve(CONFIG);
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
            if (!place.endsWith("onnx")) {
                break;
            }
        }
        return Optional.empty();
    }

    private static Pooling read(Path file) {
        try {
            if (Files.size(file) > MOST_CONFIG_BYTES) {
                throw bad(file, "has more than " + MOST_CONFIG_BYTES + " bytes", null);
            }
            JsonElement json =
                    JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8));
            List<String> asked =
                    json.getAsJsonObject().entrySet().stream()
                            .filter(entry -> entry.getKey().startsWith(FLAG))
                            .filter(entry -> entry.getValue().getAsBoolean())
                            .map(Map.Entry::getKey)
                            .toList();
            if (asked.equals(List.of(FLAG + "mean_tokens"))) {
                return MEAN;
            }
            if (asked.equals(List.of(FLAG + "cls_token"))) {
                return CLS;
            }
            throw bad(file, "asks for " + asked, null);
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | UnsupportedOperationException e) {
            throw bad(file, "cannot be read", e);
        }
    }

    private static SlmException bad(Path file, String why, @Nullable Exception cause) {
        String message =
                file
                        + " "
                        + why
                        + " where one of mean and [CLS] was expected; say --pooling mean or cls";
        return cause == null
                ? new SlmException(SlmException.Code.BAD_ENCODER, message)
                : new SlmException(SlmException.Code.BAD_ENCODER, message, cause);
    }
}
