package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.edge.tls.TrustException;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import java.util.zip.ZipException;

/**
 * Fetches SLM packages over HTTP into the storage directory, each once: resumes where a download
 * broke off, checks length and SHA-256, unpacks with limits. Confined to the worker's thread.
 */
final class ArtifactDownload {
    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int READ_TIMEOUT_MILLIS = 30_000;

    /** Attempts in a row that bring nothing new. */
    private static final int MAX_IDLE_ATTEMPTS = 3;

    private static final int PARTIAL_CONTENT = 206;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** An unpacked package is stored, not deflated; more than this is not one of ours. */
    private static final int MAX_UNPACK_FACTOR = 8;

    private final StorageDirectory storage;
    private final ServerTrust trust;
    private final URI coordinator;
    private final String token;

    ArtifactDownload(StorageDirectory storage, ServerTrust trust, URI coordinator, String token) {
        this.storage = storage;
        this.trust = trust;
        this.coordinator = coordinator;
        this.token = token;
    }

    /** Where the package lies, or will lie, unpacked. */
    Path directory(ArtifactReference reference) {
        return storage.packages().resolve(Sha256.of(reference.getSha256().toByteArray()).hex());
    }

    /**
     * Fetches and unpacks a package that is not there yet.
     *
     * @param wanted asked between blocks; false ends the download, which can be resumed
     */
    Path fetch(ArtifactReference reference, BooleanSupplier wanted) {
        Path directory = directory(reference);
        if (Files.isDirectory(directory)) {
            return directory;
        }
        Sha256 sha256 = Sha256.of(reference.getSha256().toByteArray());
        Path part = storage.downloads().resolve(sha256.hex() + ".part");
        try {
            Files.createDirectories(storage.downloads());
            Files.createDirectories(storage.packages());
            download(reference, sha256, part, wanted);
            check(reference, sha256, part);
            unpack(reference, part, directory);
            Files.delete(part);
            return directory;
        } catch (IOException e) {
            throw new EdgeException(
                    Code.STORAGE, "cannot keep the package " + sha256 + ": " + e.getMessage(), e);
        }
    }

    private void download(
            ArtifactReference reference, Sha256 sha256, Path part, BooleanSupplier wanted)
            throws IOException {
        int idle = 0;
        String last = "";
        for (int attempt = 0; sizeOf(part) < reference.getSizeBytes(); attempt++) {
            long before = sizeOf(part);
            URI uri = coordinator.resolve(reference.getUrls(attempt % reference.getUrlsCount()));
            try {
                last = attempt(uri, reference.getSizeBytes(), sha256, part, wanted);
            } catch (IOException e) {
                TrustException refused = ServerTrust.refusal(e, uri);
                if (refused != null && reference.getUrlsCount() == 1) {
                    throw EdgeException.of(refused);
                }
                last = String.valueOf(refused == null ? e : refused);
            }
            if (!wanted.getAsBoolean()) {
                throw new EdgeException(Code.ARTIFACT, "the package is not wanted any more");
            }
            idle = sizeOf(part) > before ? 0 : idle + 1;
            if (idle >= MAX_IDLE_ATTEMPTS * reference.getUrlsCount()) {
                throw new EdgeException(
                        Code.COORDINATOR_UNREACHABLE,
                        "cannot fetch the package "
                                + sha256
                                + " from "
                                + coordinator.getHost()
                                + ": "
                                + sizeOf(part)
                                + " of "
                                + reference.getSizeBytes()
                                + " bytes are here; "
                                + last);
            }
        }
    }

    /** One request; returns what went wrong, or nothing. A body that is cut short just ends. */
    private String attempt(URI uri, long size, Sha256 sha256, Path part, BooleanSupplier wanted)
            throws IOException {
        long have = sizeOf(part);
        HttpURLConnection http = trust.open(uri);
        try {
            http.setConnectTimeout(CONNECT_TIMEOUT_MILLIS);
            http.setReadTimeout(READ_TIMEOUT_MILLIS);
            http.setInstanceFollowRedirects(false);
            http.setRequestProperty("Accept-Encoding", "identity");
            if (isCoordinator(uri)) {
                http.setRequestProperty("Authorization", "Bearer " + token);
            }
            if (have > 0) {
                http.setRequestProperty("Range", "bytes=" + have + "-");
                http.setRequestProperty("If-Range", "\"" + sha256.hex() + "\"");
            }
            int status = http.getResponseCode();
            if (status == RANGE_NOT_SATISFIABLE) {
                Files.delete(part);
                return "the server has fewer bytes than announced";
            }
            if (status != HttpURLConnection.HTTP_OK && status != PARTIAL_CONTENT) {
                return "the server answered " + status;
            }
            boolean resumed = status == PARTIAL_CONTENT && have > 0 && startsAt(http, have);
            if (status == PARTIAL_CONTENT && !resumed) {
                return "the server answered with another range than asked for";
            }
            copy(http, part, resumed, size, wanted);
            return "the answer was cut short";
        } finally {
            http.disconnect();
        }
    }

    private static void copy(
            HttpURLConnection http, Path part, boolean resumed, long size, BooleanSupplier wanted)
            throws IOException {
        long left = size - (resumed ? sizeOf(part) : 0);
        StandardOpenOption how =
                resumed ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = http.getInputStream();
                OutputStream out =
                        Files.newOutputStream(
                                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
            int read = in.read(buffer);
            while (read >= 0 && left > 0 && wanted.getAsBoolean()) {
                out.write(buffer, 0, (int) Math.min(read, left));
                left -= read;
                read = in.read(buffer);
            }
        }
    }

    private static void check(ArtifactReference reference, Sha256 expected, Path part)
            throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[64 * 1024];
        try (InputStream in = Files.newInputStream(part)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
        }
        Sha256 found = Sha256.of(digest.digest());
        if (sizeOf(part) != reference.getSizeBytes() || !found.equals(expected)) {
            long size = sizeOf(part);
            Files.delete(part);
            throw new EdgeException(
                    Code.ARTIFACT,
                    "expected a package of "
                            + reference.getSizeBytes()
                            + " bytes with the SHA-256 "
                            + expected
                            + ", but "
                            + size
                            + " bytes with "
                            + found
                            + " came; it is fetched anew");
        }
    }

    /** What is not the archive's fault, as a full disk, is the caller's affair. */
    private static void unpack(ArtifactReference reference, Path part, Path directory)
            throws IOException {
        try {
            PackageArchive.unpack(part, directory, MAX_UNPACK_FACTOR * reference.getSizeBytes());
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            throw new EdgeException(
                    Code.BAD_PACKAGE, "the package cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private static boolean startsAt(HttpURLConnection http, long offset) {
        String range = http.getHeaderField("Content-Range");
        return range != null && range.startsWith("bytes " + offset + "-");
    }

    /** The token is for the coordinator alone, whatever address an artifact names. */
    private boolean isCoordinator(URI uri) {
        return coordinator.getScheme().equals(uri.getScheme())
                && coordinator.getAuthority().equals(uri.getAuthority());
    }

    private static long sizeOf(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }
}
