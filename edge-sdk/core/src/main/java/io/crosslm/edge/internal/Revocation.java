package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.Sha256;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * Finds out that the coordinator has revoked the device, and ends its work: by the coordinator's
 * own command or, if that never came, by the refusals of broker and coordinator together. What is
 * in the storage directory stays. Confined to the link's thread.
 */
final class Revocation {
    private static final int TIMEOUT_MILLIS = 10_000;

    /** Nobody keeps an artifact of no bytes: the answer is about the credential alone. */
    private static final String PROBE = "/v1/artifacts/" + Sha256.hash(new byte[0]).hex();

    private final ServerTrust trust;
    private final URI coordinator;
    private final String token;
    private final EdgeListener listener;
    private final Runnable end;

    /**
     * A device's.
     *
     * @param end stops the device's work; it must not block
     */
    Revocation(
            ServerTrust trust, URI coordinator, String token, EdgeListener listener, Runnable end) {
        this.trust = trust;
        this.coordinator = coordinator;
        this.token = token;
        this.listener = listener;
        this.end = end;
    }

    /** The device is revoked: ends its work and tells the listener. */
    void take(String reason) {
        end.run();
        listener.problem(
                new EdgeException(
                        EdgeException.Code.REVOKED,
                        "the coordinator has revoked this device: "
                                + reason
                                + "; to take part again it needs a new enrolment code and an empty"
                                + " storage directory"));
        listener.revoked(reason);
    }

    /**
     * The broker does not accept the credential. A broker alone may be set up wrong; if the
     * coordinator refuses the credential too, the device is revoked.
     *
     * @return whether it is
     */
    boolean confirm() {
        boolean refused = isRefused();
        if (refused) {
            take("broker and coordinator accept its credential no more");
        }
        return refused;
    }

    private boolean isRefused() {
        try {
            HttpURLConnection http = trust.open(coordinator.resolve(PROBE));
            try {
                http.setRequestMethod("HEAD");
                http.setConnectTimeout(TIMEOUT_MILLIS);
                http.setReadTimeout(TIMEOUT_MILLIS);
                http.setInstanceFollowRedirects(false);
                http.setRequestProperty("Authorization", "Bearer " + token);
                int status = http.getResponseCode();
                return status == HttpURLConnection.HTTP_UNAUTHORIZED
                        || status == HttpURLConnection.HTTP_FORBIDDEN;
            } finally {
                http.disconnect();
            }
        } catch (IOException e) {
            // No answer is no refusal: the device asks again when the broker refuses it again.
            return false;
        }
    }
}
