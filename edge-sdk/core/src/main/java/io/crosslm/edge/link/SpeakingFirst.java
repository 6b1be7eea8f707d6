package io.crosslm.edge.link;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * Paho's way to a broker, of which nothing is read before something was written: in MQTT the client
 * speaks first. A connection that is cut at once would otherwise end Paho's reading thread while
 * another one still waits for its beginning, and that one would wait for ever. Thread-safe.
 */
final class SpeakingFirst implements NetworkModule {
    private final NetworkModule way;
    private final CountDownLatch spoken = new CountDownLatch(1);
    private volatile @Nullable InputStream in;

    SpeakingFirst(NetworkModule way) {
        this.way = way;
    }

    @Override
    public void start() throws IOException, MqttException {
        way.start();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream received = way.getInputStream();
        in = received;
        return new Received(received, spoken);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new Sent(way.getOutputStream(), spoken);
    }

    @Override
    public void stop() throws IOException {
        try {
            way.stop();
        } finally {
            spoken.countDown();
            // Paho's own leaves the socket of a connection open that the other side reset.
            InputStream opened = in;
            if (opened != null) {
                opened.close();
            }
        }
    }

    @Override
    public String getServerURI() {
        return way.getServerURI();
    }

    /** Waits until something was sent, or the connection is closed. */
    private static final class Received extends FilterInputStream {
        private final CountDownLatch spoken;

        Received(InputStream in, CountDownLatch spoken) {
            super(in);
            this.spoken = spoken;
        }

        @Override
        public int available() throws IOException {
            return spoken.getCount() > 0 ? 0 : super.available();
        }

        @Override
        public int read() throws IOException {
            await();
            return super.read();
        }

        @Override
        public int read(byte[] bytes, int from, int count) throws IOException {
            await();
            return super.read(bytes, from, count);
        }

        private void await() throws IOException {
            try {
                spoken.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted before anything was sent");
            }
        }
    }

    /** Says when something was sent. */
    private static final class Sent extends FilterOutputStream {
        private final CountDownLatch spoken;

        Sent(OutputStream out, CountDownLatch spoken) {
            super(out);
            this.spoken = spoken;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            // The one of the class above writes byte by byte.
            out.write(bytes, from, count);
        }

        @Override
        public void flush() throws IOException {
            super.flush();
            spoken.countDown();
        }
    }
}
