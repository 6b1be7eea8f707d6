package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.protocol.Sha256;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    /** Reads or makes the token; before that no token is right. */
    public void open() {
        Secret secret = config.adminToken().map(Secret::of).orElseGet(this::readOrMake);
        if (secret.reveal().length() < MIN_LENGTH) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.admin-token: expected at least "
                            + MIN_LENGTH
                            + " characters, but it has "
                            + secret.reveal().length());
        }
        hash = secret.hash();
    }

    /** Whether this is the token. */
    public boolean matches(Secret presented) {
        Sha256 expected = hash;
        return expected != null
                && MessageDigest.isEqual(expected.bytes(), presented.hash().bytes());
    }

    private Secret readOrMake() {
        Path file = config.dataDir().resolve("admin-token");
        try {
            try {
                // The file is closed to others before the token is in it.
                Files.createFile(
                        file,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, Secret.random(random).reveal() + "\n");
            } catch (FileAlreadyExistsException e) {
                // Made at an earlier start.
            }
            return Secret.of(Files.readString(file).strip());
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.BAD_DATA_FOLDER,
                    "cannot read or write the admin token in " + file + " (" + e + ")",
                    e);
        }
    }
}
