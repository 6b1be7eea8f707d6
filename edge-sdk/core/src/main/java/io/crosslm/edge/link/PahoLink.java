package io.crosslm.edge.link;

import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.edge.tls.TrustException;
import java.net.URI;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;

/**
 * Eclipse Paho as a bare codec: no reconnect, no buffer, no persistence of its own, and a fresh
 * client object for every connection. Thread-safe.
 *
 * <p>Paho waits for a CONNACK for ever and its close may hang; both happen on threads that may be
 * left behind.
 */
public final class PahoLink implements DeviceLink {
    /** Attempts and closings that may hang at the same time; more are refused. */
    private static final int MAX_THREADS = 8;

    private final PahoThreads factory = new PahoThreads();
    private final ThreadPoolExecutor threads =
            new ThreadPoolExecutor(
                    0, MAX_THREADS, 5, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);

    @Override
    public LinkConnection open(LinkSettings settings, LinkListener listener) throws LinkException {
        MqttAsyncClient client;
        try {
            URI broker = URI.create(settings.brokerUri());
            if (broker.getHost() == null) {
                throw new IllegalArgumentException("an address without a host");
            }
            settings.trust().check(broker);
            if (ServerTrust.isEncrypted(broker) && broker.getHost().startsWith("[")) {
                // Paho takes every host for a name when it tells the server whom it wants.
                throw new LinkException(
                        LinkException.Reason.REFUSED,
                        "expected a broker with TLS at a host name or an IPv4 address, but it is "
                                + broker
                                + "; let the operator set crosslm.public-host to a name");
            }
            client = new PahoClient(serverUri(settings.brokerUri()), settings.clientId());
        } catch (TrustException e) {
            throw untrusted(e);
        } catch (MqttException | IllegalArgumentException e) {
            throw new LinkException(
                    LinkException.Reason.REFUSED,
                    "expected a broker address like tcp://host:port, but it is "
                            + settings.brokerUri(),
                    e);
        }
        PahoConnection connection = new PahoConnection(client, listener, this::reap);
        client.setCallback(connection);
        client.setManualAcks(true);
        boolean open = false;
        try {
            connection.opened(connect(client, settings, connection));
            open = true;
            return connection;
        } finally {
            if (!open) {
                connection.close();
            }
        }
    }

    private IMqttToken connect(
            MqttAsyncClient client, LinkSettings settings, PahoConnection connection)
            throws LinkException {
        long millis = settings.connectTimeout().toMillis();
        Future<IMqttToken> attempt;
        try {
            attempt =
                    threads.submit(
                            () -> {
                                IMqttToken token = client.connect(options(settings));
                                token.waitForCompletion(millis);
                                return token;
                            });
        } catch (RejectedExecutionException e) {
            throw new LinkException(
                    LinkException.Reason.UNREACHABLE, "earlier attempts still hang", e);
        }
        // Paho forgets who waits when the broker ends the connection right after its CONNACK.
        connection.whenLost(() -> attempt.cancel(true));
        try {
            return attempt.get(millis + 1_000, TimeUnit.MILLISECONDS);
        } catch (CancellationException e) {
            throw new LinkException(
                    LinkException.Reason.UNREACHABLE,
                    "the connection to "
                            + settings.brokerUri()
                            + " ended as it began: "
                            + connection.lostReason(),
                    e);
        } catch (TimeoutException e) {
            throw new LinkException(
                    LinkException.Reason.UNREACHABLE,
                    "no answer within " + millis + " ms from " + settings.brokerUri(),
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw refusal(settings, cause == null ? e : cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LinkException(LinkException.Reason.UNREACHABLE, "interrupted", e);
        }
    }

    private static LinkException refusal(LinkSettings settings, Throwable cause) {
        TrustException distrusted = ServerTrust.refusal(cause, URI.create(settings.brokerUri()));
        if (distrusted != null) {
            return untrusted(distrusted);
        }
        int code = cause instanceof MqttException refused ? refused.getReasonCode() : 0;
        boolean notAuthorised =
                code == MqttReturnCode.RETURN_CODE_BAD_USERNAME_OR_PASSWORD
                        || code == MqttReturnCode.RETURN_CODE_NOT_AUTHORIZED
                        || code == MqttReturnCode.RETURN_CODE_BANNED
                        || code == MqttReturnCode.RETURN_CODE_IDENTIFIER_NOT_VALID;
        if (notAuthorised) {
            return new LinkException(
                    LinkException.Reason.NOT_AUTHORISED,
                    "the broker "
                            + settings.brokerUri()
                            + " does not accept this device (reason code "
                            + code
                            + ")",
                    cause);
        }
        boolean answered = code >= MqttReturnCode.RETURN_CODE_UNSPECIFIED_ERROR && code < 256;
        return new LinkException(
                answered ? LinkException.Reason.REFUSED : LinkException.Reason.UNREACHABLE,
                "cannot connect to " + settings.brokerUri() + ": " + PahoConnection.said(cause),
                cause);
    }

    private static LinkException untrusted(TrustException refused) {
        return new LinkException(
                LinkException.Reason.UNTRUSTED, String.valueOf(refused.getMessage()), refused);
    }

    private static MqttConnectionOptions options(LinkSettings settings) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setCleanStart(true);
        options.setSessionExpiryInterval(0L);
        options.setKeepAliveInterval((int) (settings.keepAlive().toMillis() / 1_000));
        options.setConnectionTimeout(
                (int) Math.max(1, settings.connectTimeout().toMillis() / 1_000));
        options.setReceiveMaximum(settings.receiveMaximum());
        options.setMaximumPacketSize((long) io.crosslm.protocol.Limits.MAX_PACKET_BYTES);
        if (ServerTrust.isEncrypted(URI.create(settings.brokerUri()))) {
            options.setSocketFactory(settings.trust().socketFactory());
            options.setHttpsHostnameVerificationEnabled(true);
        }
        options.setUserName(settings.clientId());
        options.setPassword(settings.password().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        MqttMessage will = PahoConnection.toPaho(settings.will());
        options.setWill(settings.will().topic(), will);
        MqttProperties properties = new MqttProperties();
        properties.setContentType(settings.will().contentType());
        options.setWillMessageProperties(properties);
        return options;
    }

    /** Paho knows its own scheme names only. */
    private static String serverUri(String brokerUri) {
        if (brokerUri.startsWith("mqtt://")) {
            return "tcp://" + brokerUri.substring("mqtt://".length());
        }
        if (brokerUri.startsWith("mqtts://")) {
            return "ssl://" + brokerUri.substring("mqtts://".length());
        }
        return brokerUri;
    }

    private void reap(Runnable closing) {
        try {
            threads.execute(closing);
        } catch (RejectedExecutionException e) {
            // All threads hang in closings: one more of its own, or the socket would stay open.
            factory.newThread(closing).start();
        }
    }
}
