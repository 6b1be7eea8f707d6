package io.crosslm.edge.link;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One Paho client object and its connection. Thread-safe. */
final class PahoConnection implements LinkConnection, MqttCallback {
    private static final Logger log = LoggerFactory.getLogger(PahoConnection.class);

    private static final int AT_LEAST_ONCE = 1;
    private static final int DEFAULT_RECEIVE_MAXIMUM = 65_535;
    private static final int UNSPECIFIED_ERROR = 0x80;

    private final MqttAsyncClient client;
    private final LinkListener listener;
    private final Executor reaper;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<String> lost = new CompletableFuture<>();
    private volatile int receiveMaximum = DEFAULT_RECEIVE_MAXIMUM;
    private volatile long maximumPacketBytes = Long.MAX_VALUE;

    PahoConnection(MqttAsyncClient client, LinkListener listener, Executor reaper) {
        this.client = client;
        this.listener = listener;
        this.reaper = reaper;
    }

    /** Takes what the broker said in its CONNACK. */
    void opened(IMqttToken connected) {
        MqttProperties properties = connected.getResponseProperties();
        if (properties == null) {
            return;
        }
        if (properties.getReceiveMaximum() != null) {
            receiveMaximum = properties.getReceiveMaximum();
        }
        if (properties.getMaximumPacketSize() != null) {
            maximumPacketBytes = properties.getMaximumPacketSize();
        }
    }

    /** Has something done when the connection is lost, at once if it is. */
    void whenLost(Runnable act) {
        lost.thenRun(act);
    }

    /** Why it was lost; empty if it was not. */
    String lostReason() {
        return lost.getNow("");
    }

    @Override
    public int receiveMaximum() {
        return receiveMaximum;
    }

    @Override
    public long maximumPacketBytes() {
        return maximumPacketBytes;
    }

    @Override
    public List<Integer> subscribe(List<String> filters, Duration timeout) throws LinkException {
        int[] qualities = new int[filters.size()];
        Arrays.fill(qualities, AT_LEAST_ONCE);
        return call(
                "subscribe",
                () -> {
                    IMqttToken token =
                            client.subscribe(filters.toArray(new String[0]), qualities, null, null);
                    token.waitForCompletion(timeout.toMillis());
                    int[] given = token.getReasonCodes();
                    List<Integer> codes = new ArrayList<>();
                    for (int i = 0; i < filters.size(); i++) {
                        codes.add(given != null && i < given.length ? given[i] : UNSPECIFIED_ERROR);
                    }
                    return codes;
                });
    }

    @Override
    public void unsubscribe(List<String> filters, Duration timeout) throws LinkException {
        call(
                "unsubscribe",
                () -> {
                    client.unsubscribe(
                                    filters.toArray(new String[0]),
                                    null,
                                    null,
                                    new MqttProperties())
                            .waitForCompletion(timeout.toMillis());
                    return filters;
                });
    }

    @Override
    public void publish(long number, LinkMessage message) throws LinkException {
        MqttMessage paho = toPaho(message);
        MqttProperties properties = new MqttProperties();
        properties.setContentType(message.contentType());
        paho.setProperties(properties);
        call("publish", () -> client.publish(message.topic(), paho, null, new Published(number)));
    }

    @Override
    public void acknowledge(ReceivedMessage message) throws LinkException {
        call(
                "acknowledge",
                () -> {
                    client.messageArrivedComplete(message.handle(), AT_LEAST_ONCE);
                    return message;
                });
    }

    @Override
    public void disconnect(Duration timeout) {
        if (ended.getAndSet(true)) {
            return;
        }
        CountDownLatch over = new CountDownLatch(1);
        reaper.execute(
                () -> {
                    // Without a good-bye the broker sends the will, which says the same.
                    try {
                        attempt("say good-bye", () -> sayGoodBye(timeout));
                    } finally {
                        over.countDown();
                        end();
                    }
                });
        try {
            if (!over.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                log.debug("no good-bye within {} ms", timeout.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Paho lets work end before it sends, on a thread of its own; that must be over before the
     * client is taken apart.
     */
    private void sayGoodBye(Duration timeout) throws MqttException {
        client.disconnect(timeout.toMillis() / 2).waitForCompletion(timeout.toMillis());
    }

    @Override
    public void close() {
        if (!ended.getAndSet(true)) {
            reaper.execute(this::end);
        }
    }

    private void end() {
        attempt("drop", () -> client.disconnectForcibly(0, 0, false));
        attempt("close", () -> client.close(true));
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        MqttException cause = response.getException();
        lost(
                cause != null
                        ? said(cause)
                        : "the broker ended it, reason code " + response.getReturnCode());
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
        // A broken packet: what follows it cannot be read either.
        lost(said(exception));
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        listener.received(
                new ReceivedMessage(
                        topic, ByteString.copyFrom(message.getPayload()), message.getId()));
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Published says the same, with the number.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // PahoLink waits for the token instead.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        lost("the broker asks for an authentication that this library does not have");
    }

    private void lost(String reason) {
        lost.complete(reason);
        listener.lost(reason);
        close();
    }

    static MqttMessage toPaho(LinkMessage message) {
        MqttMessage paho = new MqttMessage(message.payload().toByteArray());
        paho.setQos(AT_LEAST_ONCE);
        paho.setRetained(message.retention() == LinkMessage.Retention.RETAINED);
        return paho;
    }

    /** Paho's own words and the cause's; its messages quote no payload. */
    static String said(Throwable thrown) {
        Throwable cause = thrown.getCause();
        return cause == null
                ? String.valueOf(thrown.getMessage())
                : thrown.getMessage() + " (" + cause + ")";
    }

    private void attempt(String act, PahoAct work) {
        try {
            call(
                    act,
                    () -> {
                        work.run();
                        return act;
                    });
        } catch (LinkException e) {
            log.debug("the end of a connection: {}", said(e));
        }
    }

    /** Paho has no guard against use after close: its fields are null then. */
    @CanIgnoreReturnValue
    private <T> T call(String act, PahoCall<T> call) throws LinkException {
        try {
            return call.run();
        } catch (MqttException | NullPointerException e) {
            throw new LinkException(
                    LinkException.Reason.UNREACHABLE, "cannot " + act + ": " + said(e), e);
        }
    }

    /** A call of the client object. */
    @FunctionalInterface
    private interface PahoCall<T> {
        T run() throws MqttException;
    }

    /** A call without an answer. */
    @FunctionalInterface
    private interface PahoAct {
        void run() throws MqttException;
    }

    /** Hears of one published message. */
    private final class Published implements MqttActionListener {
        private final long number;

        Published(long number) {
            this.number = number;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            // A refused message completes normally; only the reason code tells.
            int[] codes = token.getReasonCodes();
            listener.acknowledged(number, codes == null || codes.length == 0 ? 0 : codes[0]);
        }

        @Override
        public void onFailure(@Nullable IMqttToken token, Throwable exception) {
            lost(said(exception));
        }
    }
}
