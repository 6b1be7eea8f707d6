package io.crosslm.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A TCP proxy that breaks and stalls connections on command, and counts what it did. Thread-safe.
 */
public final class CutProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 4 * 1024;

    private final ServerSocket server;
    private final InetSocketAddress target;

    @GuardedBy("this")
    private final Set<Pair> pairs = new HashSet<>();

    @GuardedBy("this")
    private long cutAfterBytes = Long.MAX_VALUE;

    @GuardedBy("this")
    private boolean refusing;

    @GuardedBy("this")
    private boolean stalled;

    @GuardedBy("this")
    private int connections;

    @GuardedBy("this")
    private int cuts;

    @GuardedBy("this")
    private long bytesUp;

    @GuardedBy("this")
    private long bytesDown;

    private CutProxy(ServerSocket server, InetSocketAddress target) {
        this.server = server;
        this.target = target;
    }

    /** A proxy on a free loopback port in front of another loopback port. */
    public static CutProxy to(int port) {
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            ServerSocket server = new ServerSocket(0, 50, loopback);
            CutProxy proxy = new CutProxy(server, new InetSocketAddress(loopback, port));
            start("cut-proxy-accept", proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Breaks every open connection with a reset. */
    public void cutAll() {
        List<Pair> open;
        synchronized (this) {
            open = new ArrayList<>(pairs);
        }
        open.forEach(this::cut);
    }

    /**
     * Breaks each connection when so many more bytes have gone up through it, in the middle of a
     * message if they end there; {@link Long#MAX_VALUE} breaks none.
     */
    public synchronized void cutAfter(long bytes) {
        cutAfterBytes = bytes;
        for (Pair pair : pairs) {
            pair.upUntilCut = bytes;
        }
    }

    /** Accepts connections and drops them at once, or not any more. */
    public synchronized void refuse(boolean on) {
        refusing = on;
    }

    /** Holds every byte back in both directions, or lets them go. */
    public synchronized void stall(boolean on) {
        stalled = on;
        notifyAll();
    }

    public synchronized int connections() {
        return connections;
    }

    /** Connections that this proxy broke. */
    public synchronized int cuts() {
        return cuts;
    }

    public synchronized long bytesUp() {
        return bytesUp;
    }

    public synchronized long bytesDown() {
        return bytesDown;
    }

    @Override
    public void close() {
        closeQuietly(server);
        cutAll();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                open(server.accept());
            } catch (IOException e) {
                // Closed, or the target is down: the client sees its connection end.
            }
        }
    }

    private void open(Socket client) throws IOException {
        Socket upstream = new Socket();
        try {
            synchronized (this) {
                if (refusing) {
                    cuts++;
                    client.setSoLinger(true, 0);
                    client.close();
                    return;
                }
            }
            upstream.connect(target, 5_000);
        } catch (IOException e) {
            closeQuietly(client);
            throw e;
        }
        Pair pair = new Pair(client, upstream);
        synchronized (this) {
            connections++;
            pair.upUntilCut = cutAfterBytes;
            pairs.add(pair);
        }
        start("cut-proxy-up", () -> pump(pair, true));
        start("cut-proxy-down", () -> pump(pair, false));
    }

    private void pump(Pair pair, boolean up) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = (up ? pair.client : pair.upstream).getInputStream();
            OutputStream out = (up ? pair.upstream : pair.client).getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                int allowed = allowed(pair, up, read);
                out.write(buffer, 0, allowed);
                out.flush();
                if (allowed < read) {
                    cut(pair);
                    return;
                }
            }
        } catch (IOException e) {
            // One side is gone: so is the other, below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        forget(pair);
    }

    /** Waits while stalled, counts, and says how many bytes may pass before the cut. */
    private synchronized int allowed(Pair pair, boolean up, int bytes) throws InterruptedException {
        while (stalled) {
            wait();
        }
        if (!up) {
            bytesDown += bytes;
            return bytes;
        }
        int allowed = (int) Math.min(bytes, pair.upUntilCut);
        if (pair.upUntilCut != Long.MAX_VALUE) {
            pair.upUntilCut -= allowed;
        }
        bytesUp += allowed;
        return allowed;
    }

    private void cut(Pair pair) {
        synchronized (this) {
            if (!pairs.contains(pair)) {
                return;
            }
            cuts++;
        }
        try {
            // A linger of 0 makes close a reset, as a dying network does.
            pair.client.setSoLinger(true, 0);
            pair.upstream.setSoLinger(true, 0);
        } catch (IOException e) {
            // Closed by its own end a moment before.
        }
        forget(pair);
    }

    private void forget(Pair pair) {
        synchronized (this) {
            pairs.remove(pair);
        }
        closeQuietly(pair.client);
        closeQuietly(pair.upstream);
    }

    private static void closeQuietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // A test double on its way out has nobody to tell.
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** The two sockets of a connection. */
    private static final class Pair {
        private final Socket client;
        private final Socket upstream;
        private long upUntilCut = Long.MAX_VALUE;

        Pair(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }
    }
}
