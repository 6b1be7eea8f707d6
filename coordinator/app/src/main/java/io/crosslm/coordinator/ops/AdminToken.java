package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.tls.PrivateFile;
import io.crosslm.protocol.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The administrator's token: the configured one, or one made at the first start and kept in a file
 * that only the owner can read. Thread-safe.
 */
@ApplicationScoped
public final class AdminToken {
    private static final int MIN_LENGTH = 16;

    private final CoordinatorConfig config;
    private final SecureRandom random;
    private volatile @Nullable Sha256 hash;

    AdminToken(CoordinatorConfig config, SecureRandom random) {
        this.config = config;
        this.random = random;
    }

    /**
     * Reads or makes the token; before that no token is right.
     *
     * @throws CoordinatorException BAD_SETTING or BAD_DATA_FOLDER
     */
    public void open() {
        hash = config.adminToken().map(AdminToken::configured).orElseGet(this::readOrMake).hash();
    }

    /** Whether this is the token. */
    public boolean matches(Secret presented) {
        Sha256 expected = hash;
        return expected != null
                && MessageDigest.isEqual(expected.bytes(), presented.hash().bytes());
    }

    private static Secret configured(String token) {
        if (token.length() < MIN_LENGTH) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.admin-token: expected at least "
                            + MIN_LENGTH
                            + " characters, but it has "
                            + token.length());
        }
        return Secret.of(token);
    }

    private Secret readOrMake() {
        Path file = config.dataDir().resolve("admin-token");
        if (!Files.exists(file)) {
            String made = Secret.random(random).reveal() + "\n";
            PrivateFile.write(file, made.getBytes(StandardCharsets.UTF_8));
        }
        String token = read(file);
        if (token.length() < MIN_LENGTH) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    file.toAbsolutePath()
                            + ": expected a token of at least "
                            + MIN_LENGTH
                            + " characters, but it has "
                            + token.length()
                            + "; delete the file: the next start makes a new token");
        }
        return Secret.of(token);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot read the admin token in " + file + " (" + e + ")",
                    e);
        }
    }
}
