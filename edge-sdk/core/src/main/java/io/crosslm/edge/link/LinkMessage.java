package io.crosslm.edge.link;

import com.google.protobuf.ByteString;

/** A message to publish. */
public record LinkMessage(
        String topic, ByteString payload, Retention retention, String contentType) {
    /** Whether the broker keeps the message for later subscribers. */
    public enum Retention {
        RETAINED,
        PASSING
    }

    /** Bytes of the packet at most, headers and properties included. */
    public long packetBytes() {
        // Fixed header 5, packet id 2, three length fields and property tags: below 64 together.
        return payload.size() + 4L * topic.length() + contentType.length() + 64L;
    }

    @Override
    public String toString() {
        return "LinkMessage[" + topic + ", " + payload.size() + " bytes]";
    }
}
