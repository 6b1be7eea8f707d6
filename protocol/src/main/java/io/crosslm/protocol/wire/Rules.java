package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.ProtocolException.Code;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;

/** Checks that the rules of all messages share; each throws {@link ProtocolException}. */
final class Rules {
    private Rules() {}

    static void taskAndRound(String task, int round) {
        TaskName name = new TaskName(task);
        RoundNumber number = new RoundNumber(round);
        assert name.value().equals(task) && number.value() == round;
    }

    static void size(String what, long bytes, long max) {
        if (bytes > max) {
            throw new ProtocolException(
                    Code.TOO_LARGE,
                    what + " has " + bytes + " bytes, at most " + max + " are allowed");
        }
    }

    static void length(String what, String text, int max) {
        if (text.length() > max) {
            throw new ProtocolException(
                    Code.TOO_LARGE,
                    what
                            + " has "
                            + text.length()
                            + " characters, at most "
                            + max
                            + " are allowed");
        }
    }

    /** Counts are unsigned on the wire: a negative int is a large number. */
    static void count(String what, int count, int min, int max) {
        if (count < 0 || count > max) {
            throw new ProtocolException(
                    Code.TOO_LARGE,
                    what
                            + " is "
                            + Integer.toUnsignedLong(count)
                            + ", at most "
                            + max
                            + " is allowed");
        }
        require(count >= min, what + " is " + count + ", at least " + min + " is expected");
    }

    static void bytes(String what, ByteString bytes, int expected) {
        require(
                bytes.size() == expected,
                what + " has " + bytes.size() + " bytes, expected " + expected);
    }

    static void require(boolean condition, String message) {
        if (!condition) {
            throw new ProtocolException(Code.BAD_FIELD, message);
        }
    }
}
