package io.crosslm.cli;

import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The administrator's token and where it was found. Immutable; the token is in no text of it. */
final class AccessToken {
    static final String VARIABLE = "CROSSLM_TOKEN";
    static final String DEFAULT_FILE = "crosslm-data/admin-token";

    private static final int MAX_BYTES = 4096;

    private final String token;
    private final String origin;

    private AccessToken(String token, String origin) {
        this.token = token;
        this.origin = origin;
    }

    /**
     * Takes the first of: the token itself, the named file, the environment variable, the file that
     * a coordinator started in this directory writes.
     */
    static AccessToken find(
            @Nullable String token,
            @Nullable Path file,
            @Nullable String variable,
            Path workingDirectory) {
        if (token != null) {
            return of(token, "--token");
        }
        if (file != null) {
            return read(workingDirectory.resolve(file), "--token-file " + file);
        }
        if (variable != null && !variable.isBlank()) {
            return of(variable, VARIABLE);
        }
        return read(workingDirectory.resolve(DEFAULT_FILE), "./" + DEFAULT_FILE);
    }

    String headerValue() {
        return "Bearer " + token;
    }

    /** Where the token came from, for messages. */
    String origin() {
        return origin;
    }

    @Override
    public String toString() {
        return "AccessToken from " + origin;
    }

    private static AccessToken read(Path file, String origin) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw CliException.of(
                        Code.NO_TOKEN,
                        origin + " is no token: a token has at most " + MAX_BYTES + " bytes");
            }
            return of(new String(bytes, StandardCharsets.UTF_8), origin);
        } catch (NoSuchFileException e) {
            throw CliException.of(
                    Code.NO_TOKEN,
                    "no access token: there is no file "
                            + file
                            + "; the coordinator writes its token to admin-token in its data"
                            + " folder. Name that file with --token-file, or give the token with"
                            + " --token or "
                            + VARIABLE);
        } catch (IOException e) {
            throw CliException.of(
                    Code.NO_TOKEN,
                    "cannot read the access token from "
                            + file
                            + " ("
                            + e.getClass().getSimpleName()
                            + "); only the user who runs the coordinator may");
        }
    }

    private static AccessToken of(String text, String origin) {
        String token = text.strip();
        if (token.isEmpty()) {
            throw CliException.of(
                    Code.NO_TOKEN, "the access token of " + origin + " is empty; give another one");
        }
        // Checked here because the HTTP client would repeat a wrong header value in its message.
        if (!token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw CliException.of(
                    Code.NO_TOKEN,
                    "what " + origin + " holds is no token: expected one word of printable ASCII");
        }
        return new AccessToken(token, origin);
    }
}
