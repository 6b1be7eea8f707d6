package io.crosslm.coordinator.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.MqttDecodeException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckRestrictions;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.Limits;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * Says in plain words why a broker cannot be used.
 *
 * @param place host and port
 * @param rights what the account must be allowed, as an instruction
 */
record ConnectionTrouble(String place, String rights) {
    /** The largest message of the protocol, with room for topic and properties. */
    static final int NEEDED_PACKET_BYTES = Limits.MAX_MESSAGE_BYTES + 4 * 1024;

    private static final int MAX_DEPTH = 16;

    private static final Set<Mqtt5ConnAckReasonCode> REFUSALS =
            EnumSet.of(
                    Mqtt5ConnAckReasonCode.NOT_AUTHORIZED,
                    Mqtt5ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    Mqtt5ConnAckReasonCode.BAD_AUTHENTICATION_METHOD,
                    Mqtt5ConnAckReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    Mqtt5ConnAckReasonCode.BANNED);

    /** What a failed attempt or a lost connection means. */
    CoordinatorException of(Throwable failure) {
        String broker = "the broker at " + place;
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < MAX_DEPTH; depth++) {
            if (cause instanceof Mqtt5ConnAckException refused) {
                return refused(broker, refused);
            }
            if (cause instanceof Mqtt5SubAckException refused) {
                return new CoordinatorException(
                        Code.BROKER_REFUSED,
                        broker
                                + " refuses the coordinator a subscription (reason codes "
                                + refused.getMqttMessage().getReasonCodes()
                                + "); "
                                + rights,
                        failure);
            }
            if (cause instanceof MqttDecodeException) {
                return notMqtt5(broker + " answers with something else", failure);
            }
            if (cause instanceof SSLException && !isOfTheNetwork(innermost(cause))) {
                return new CoordinatorException(
                        Code.BROKER_UNTRUSTED,
                        "expected "
                                + broker
                                + " to speak TLS with a certificate for that host, of the"
                                + " coordinator's authority or of crosslm.mqtt.ca-file, but: "
                                + words(cause)
                                + "; give the broker a certificate of that authority"
                                + " (crosslm.mqtt.certificate-dir), or name its own",
                        failure);
            }
            if (cause instanceof Mqtt5DisconnectException ended
                    && ended.getMqttMessage().getReasonCode()
                            == Mqtt5DisconnectReasonCode.MALFORMED_PACKET) {
                return notMqtt5(broker + " answers with something else", failure);
            }
            if (cause instanceof Mqtt5DisconnectException ended) {
                return new CoordinatorException(
                        Code.BROKER_UNREACHABLE,
                        "the connection to "
                                + broker
                                + " has ended: "
                                + ended.getMqttMessage().getReasonCode()
                                + " ("
                                + ended.getMessage()
                                + "); the coordinator connects again",
                        failure);
            }
            cause = cause.getCause();
        }
        String closed =
                failure instanceof ConnectionClosedException
                        ? "; where it does so at once, it may expect TLS, or speak no MQTT 5."
                        : "; is it running, and does crosslm.mqtt.broker name its host and port?";
        return new CoordinatorException(
                Code.BROKER_UNREACHABLE,
                broker
                        + " cannot be reached: "
                        + words(failure)
                        + closed
                        + " The coordinator keeps trying",
                failure);
    }

    /** What a broker that has let the coordinator in lacks. */
    Optional<CoordinatorException> lack(Mqtt5ConnAckRestrictions limits) {
        String lack = null;
        if (limits.getMaximumPacketSize() < NEEDED_PACKET_BYTES) {
            lack =
                    "packets of "
                            + NEEDED_PACKET_BYTES
                            + " bytes, but its largest is "
                            + limits.getMaximumPacketSize();
        } else if (!limits.isRetainAvailable()) {
            lack = "retained messages, but it has none";
        } else if (limits.getMaximumQos() == MqttQos.AT_MOST_ONCE) {
            lack = "quality of service 1, but it has 0 only";
        } else if (!limits.isWildcardSubscriptionAvailable()) {
            lack = "subscriptions with wildcards, but it has none";
        }
        return Optional.ofNullable(lack)
                .map(
                        words ->
                                new CoordinatorException(
                                        Code.BROKER_UNFIT,
                                        "expected the broker at "
                                                + place
                                                + " to take "
                                                + words
                                                + "; raise its limits (for mosquitto:"
                                                + " max_packet_size), or name another broker"));
    }

    private CoordinatorException refused(String broker, Mqtt5ConnAckException refused) {
        Mqtt5ConnAckReasonCode reason = refused.getMqttMessage().getReasonCode();
        if (reason == Mqtt5ConnAckReasonCode.UNSUPPORTED_PROTOCOL_VERSION) {
            return notMqtt5(broker + " does not have that version", refused);
        }
        if (REFUSALS.contains(reason)) {
            return new CoordinatorException(
                    Code.BROKER_REFUSED,
                    broker
                            + " does not let the coordinator in ("
                            + reason
                            + "); check crosslm.mqtt.username and the file of"
                            + " crosslm.mqtt.password-file, or "
                            + rights,
                    refused);
        }
        return new CoordinatorException(
                Code.BROKER_UNREACHABLE,
                broker + " is not ready (" + reason + "); the coordinator keeps trying",
                refused);
    }

    private static CoordinatorException notMqtt5(String found, Throwable cause) {
        return new CoordinatorException(
                Code.BROKER_NOT_MQTT5,
                "expected MQTT 5, but "
                        + found
                        + "; update the broker, or correct the port in crosslm.mqtt.broker",
                cause);
    }

    /** A handshake that was cut off says nothing of the certificate. */
    private static boolean isOfTheNetwork(Throwable innermost) {
        return innermost instanceof IOException && !(innermost instanceof SSLException);
    }

    private static String words(Throwable failure) {
        Throwable last = innermost(failure);
        return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    }

    private static Throwable innermost(Throwable failure) {
        Throwable last = failure;
        for (int depth = 0; last.getCause() != null && depth < MAX_DEPTH; depth++) {
            last = last.getCause();
        }
        return last;
    }
}
