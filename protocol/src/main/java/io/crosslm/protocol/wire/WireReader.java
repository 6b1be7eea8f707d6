package io.crosslm.protocol.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;

/**
 * Reads payloads: size first, then protobuf, then every field against {@link Limits}. A message
 * that is returned keeps all rules of the protocol that can be seen on it alone.
 *
 * <p>All methods throw {@link ProtocolException} for a payload that breaks a rule.
 */
public final class WireReader {
    private WireReader() {}

    public static Announcement announcement(byte[] payload) {
        Announcement announcement = message(Announcement.parser(), payload, "Announcement");
        AnnouncementRules.check(announcement);
        return announcement;
    }

    public static CoordinatorState coordinatorState(byte[] payload) {
        CoordinatorState state = message(CoordinatorState.parser(), payload, "CoordinatorState");
        Rules.length("version", state.getVersion(), Limits.MAX_REASON_LENGTH);
        return state;
    }

    public static DeviceState deviceState(byte[] payload) {
        DeviceState state = message(DeviceState.parser(), payload, "DeviceState");
        ReportRules.check(state);
        return state;
    }

    public static Command command(byte[] payload) {
        Command command = message(Command.parser(), payload, "Command");
        ReportRules.check(command);
        return command;
    }

    public static Report report(byte[] payload) {
        Report report = message(Report.parser(), payload, "Report");
        ReportRules.check(report);
        return report;
    }

    public static ErrorReport errorReport(byte[] payload) {
        ErrorReport error = message(ErrorReport.parser(), payload, "ErrorReport");
        ReportRules.check(error);
        return error;
    }

    /** Reads the gzip payload of a batch part. */
    public static BatchPart batchPart(byte[] payload) {
        BatchPart part = part(BatchPart.parser(), payload, "BatchPart");
        PartRules.check(part);
        return part;
    }

    /**
     * Reads the gzip payload of a pool part.
     *
     * @param labels how many the task has
     */
    public static PoolPart poolPart(byte[] payload, int labels) {
        PoolPart part = part(PoolPart.parser(), payload, "PoolPart");
        PartRules.check(part, labels);
        return part;
    }

    private static <M extends MessageLite> M part(Parser<M> parser, byte[] payload, String type) {
        Rules.size(type, payload.length, Limits.MAX_PART_BYTES);
        return parse(parser, Gzip.unpack(payload, Limits.MAX_UNPACKED_PART_BYTES), type);
    }

    private static <M extends MessageLite> M message(
            Parser<M> parser, byte[] payload, String type) {
        Rules.size(type, payload.length, Limits.MAX_MESSAGE_BYTES);
        return parse(parser, payload, type);
    }

    private static <M extends MessageLite> M parse(Parser<M> parser, byte[] data, String type) {
        try {
            return parser.parseFrom(data);
        } catch (InvalidProtocolBufferException e) {
            // The cause's message quotes nothing of the payload.
            throw new ProtocolException(
                    Code.MALFORMED, "expected a " + type + " but the bytes are no such message", e);
        }
    }
}
