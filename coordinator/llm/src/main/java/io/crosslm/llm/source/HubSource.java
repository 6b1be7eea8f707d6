package io.crosslm.llm.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * A file of a repository on the Hugging Face hub, or on a mirror that {@code HF_ENDPOINT} names. A
 * cut download goes on where it stopped.
 */
final class HubSource implements ModelSource {
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
    private static final Duration READ_LIMIT = Duration.ofSeconds(20);
    private static final int BUFFER_BYTES = 1 << 16;

    /** Fewer bytes than these in the time that a read may take are as good as none. */
    private static final int LEAST_BYTES = 1 << 14;

    private static final int ATTEMPTS = 3;

    private final URI address;
    private final Duration readLimit;

    /**
     * A source on a hub.
     *
     * @param endpoint of the hub, http or https
     * @param repository owner and name
     * @param revision commit
     * @param file path in the repository
     */
    HubSource(URI endpoint, String repository, String revision, String file) {
        this(endpoint, repository, revision, file, READ_LIMIT);
    }

    /** A source that gives up if in {@code readLimit} next to nothing comes. */
    HubSource(URI endpoint, String repository, String revision, String file, Duration readLimit) {
        String base = endpoint.toString().replaceAll("/+$", "");
        this.address = URI.create(base + "/" + repository + "/resolve/" + revision + "/" + file);
        this.readLimit = readLimit;
    }

    @Override
    public String description() {
        return address.getScheme() + "://" + address.getAuthority() + address.getPath();
    }

    @Override
    public void fetch(Path target, long sizeBytes, FetchListener listener) throws IOException {
        for (int attempt = 1; ; attempt++) {
            long before = Files.exists(target) ? Files.size(target) : 0;
            if (before == sizeBytes) {
                return;
            }
            if (before > sizeBytes) {
                Files.delete(target);
                before = 0;
            }
            try {
                download(target, before, sizeBytes, listener);
                return;
            } catch (IOException e) {
                boolean progressed =
                        Files.exists(target) && Files.size(target) >= before + LEAST_BYTES;
                if (attempt == ATTEMPTS || !progressed) {
                    throw e;
                }
            }
        }
    }

    private void download(Path target, long from, long sizeBytes, FetchListener listener)
            throws IOException {
        HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
        connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
        connection.setReadTimeout((int) readLimit.toMillis());
        if (from > 0) {
            connection.setRequestProperty("Range", "bytes=" + from + "-");
        }
        try {
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK && status != HttpURLConnection.HTTP_PARTIAL) {
                throw new IOException("answered with HTTP status " + status);
            }
            boolean goesOn = status == HttpURLConnection.HTTP_PARTIAL;
            long done = goesOn ? from : 0;
            try (InputStream in = connection.getInputStream();
                    OutputStream out =
                            Files.newOutputStream(
                                    target,
                                    StandardOpenOption.CREATE,
                                    goesOn
                                            ? StandardOpenOption.APPEND
                                            : StandardOpenOption.TRUNCATE_EXISTING,
                                    StandardOpenOption.WRITE)) {
                byte[] buffer = new byte[BUFFER_BYTES];
                long since = System.nanoTime();
                long sinceThen = 0;
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (done + n > sizeBytes) {
                        throw new IOException(
                                "sent more than the expected " + sizeBytes + " bytes");
                    }
                    out.write(buffer, 0, n);
                    done += n;
                    sinceThen += n;
                    if (System.nanoTime() - since > readLimit.toNanos() && done < sizeBytes) {
                        if (sinceThen < LEAST_BYTES) {
                            throw new IOException(
                                    "sent only "
                                            + sinceThen
                                            + " bytes in "
                                            + readLimit.toMillis()
                                            + " ms");
                        }
                        since = System.nanoTime();
                        sinceThen = 0;
                    }
                    listener.received(done, sizeBytes);
                }
            }
            // A connection that was cut ends like a complete one.
            if (done != sizeBytes) {
                throw new IOException("was cut after " + done + " of " + sizeBytes + " bytes");
            }
        } finally {
            connection.disconnect();
        }
    }
}
