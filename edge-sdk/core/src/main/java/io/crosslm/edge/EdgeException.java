package io.crosslm.edge;

import io.crosslm.edge.tls.TrustException;

/** Something on the device went wrong; holds no private text, no score and no secret. */
public final class EdgeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Code code;

    public EdgeException(Code code, String message) {
        super(code.id() + ": " + message);
        this.code = code;
    }

    public EdgeException(Code code, String message, Throwable cause) {
        super(code.id() + ": " + message, cause);
        this.code = code;
    }

    /** What there is to say about a server that the device does not trust. */
    public static EdgeException of(TrustException refused) {
        return new EdgeException(
                refused.reason() == TrustException.Reason.CLEARTEXT
                        ? Code.CLEARTEXT
                        : Code.UNTRUSTED_SERVER,
                String.valueOf(refused.getMessage()),
                refused);
    }

    public Code code() {
        return code;
    }

    /** What kind of failure; explained in docs/ref-error-codes.md. */
    public enum Code {
        /** A setting is missing or makes no sense. */
        CONFIGURATION("EDGE-3001"),
        /** Reading or writing the storage directory failed. */
        STORAGE("EDGE-3002"),
        /** Another client has the storage directory open. */
        STORAGE_IN_USE("EDGE-3003"),
        /** A file in the storage directory is damaged. */
        STORAGE_DAMAGED("EDGE-3004"),
        /** The coordinator does not take the enrolment code. */
        ENROLMENT_REFUSED("EDGE-3005"),
        /** The coordinator does not answer over HTTP. */
        COORDINATOR_UNREACHABLE("EDGE-3006"),
        /** The broker does not answer. */
        BROKER_UNREACHABLE("EDGE-3007"),
        /** The broker does not accept the device or one of its subscriptions. */
        BROKER_REFUSED("EDGE-3008"),
        /** The broker does not accept a message. */
        MESSAGE_REFUSED("EDGE-3009"),
        /** A message from the coordinator breaks a rule of the protocol. */
        BAD_MESSAGE("EDGE-3010"),
        /** An artifact could not be fetched, or is not the one that was named. */
        ARTIFACT("EDGE-3011"),
        /** A package cannot be unpacked or does not fit the task. */
        BAD_PACKAGE("EDGE-3012"),
        /** The coordinator's terms are looser than the pinned ones, or unknown. */
        TERMS_REFUSED("EDGE-3013"),
        /** The app's examples do not fit the task. */
        BAD_EXAMPLES("EDGE-3014"),
        /** The model could not score or train. */
        MODEL("EDGE-3015"),
        /** There is no model yet. */
        NO_MODEL("EDGE-3016"),
        /** The coordinator has revoked this device. */
        REVOKED("EDGE-3017"),
        /** The client is closed. */
        CLOSED("EDGE-3018"),
        /** The coordinator will not store a report. */
        REPORT_REJECTED("EDGE-3019"),
        /** The client has no such task. */
        UNKNOWN_TASK("EDGE-3020"),
        /** A server's certificate is not one that the device trusts. */
        UNTRUSTED_SERVER("EDGE-3021"),
        /** An address of another machine without TLS. */
        CLEARTEXT("EDGE-3022"),
        /** A training needs more memory than the app allows, or the app does not want it. */
        TRAINING_REFUSED("EDGE-3023"),
        /** Others than its owner may look into the storage directory, and it stays so. */
        STORAGE_EXPOSED("EDGE-3024");

        private final String id;

        Code(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }
}
