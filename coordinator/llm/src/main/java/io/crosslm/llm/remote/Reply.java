package io.crosslm.llm.remote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server's answer that is not worth another try. Immutable. */
final class Reply {
    private static final int OK = 200;
    private static final int UNAUTHENTICATED = 401;
    private static final int FORBIDDEN = 403;
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_. -]{1,64}");

    private final int status;
    private final byte[] body;

    Reply(int status, byte[] body) {
        this.status = status;
        this.body = body;
    }

    int status() {
        return status;
    }

    boolean isOk() {
        return status == OK;
    }

    /**
     * The answer's JSON object.
     *
     * @throws LanguageModelException REMOTE_REFUSED if the status is 401 or 403, REMOTE if it is
     *     another than 200 or the body is no JSON object in UTF-8
     */
    JsonObject json() {
        if (!isOk()) {
            throw new LanguageModelException(
                    status == UNAUTHENTICATED || status == FORBIDDEN
                            ? Code.REMOTE_REFUSED
                            : Code.REMOTE,
                    "The language model's server answered with status "
                            + status
                            + reason().map(word -> " (" + word + ")").orElse("")
                            + hint());
        }
        return parse();
    }

    private JsonObject parse() {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
        } catch (CharacterCodingException e) {
            throw malformed("is not in UTF-8", e);
        }
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement json = JsonParser.parseReader(reader);
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException | IllegalStateException e) {
            // The parser's message would quote the answer.
            throw malformed("is no JSON, or was cut", null);
        }
        throw malformed("is no JSON object", null);
    }

    private LanguageModelException malformed(String what, @Nullable Throwable cause) {
        String message =
                "The answer of the language model's server "
                        + what
                        + " ("
                        + body.length
                        + " bytes)";
        return cause == null
                ? new LanguageModelException(Code.REMOTE, message)
                : new LanguageModelException(Code.REMOTE, message, cause);
    }

    private String hint() {
        return switch (status) {
            case UNAUTHENTICATED, FORBIDDEN -> "; it wants another API key";
            case 404 -> "; is this the address of a server with /v1/completions?";
            default -> "; its log tells more";
        };
    }

    /** The error's code or type: its message may quote the prompt. */
    private Optional<String> reason() {
        try {
            JsonElement error = parse().get("error");
            if (error == null || !error.isJsonObject()) {
                return Optional.empty();
            }
            for (String key : new String[] {"code", "type"}) {
                JsonElement word = error.getAsJsonObject().get(key);
                if (word != null
                        && word.isJsonPrimitive()
                        && WORD.matcher(word.getAsString()).matches()) {
                    return Optional.of(word.getAsString());
                }
            }
        } catch (LanguageModelException e) {
            // What is no JSON has no code in it; the status is told in any case.
            return Optional.empty();
        }
        return Optional.empty();
    }
}
