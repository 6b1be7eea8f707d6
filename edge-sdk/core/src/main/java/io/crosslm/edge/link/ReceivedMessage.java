package io.crosslm.edge.link;

import com.google.protobuf.ByteString;

/**
 * A message that came.
 *
 * @param handle what the connection needs to acknowledge it
 */
public record ReceivedMessage(String topic, ByteString payload, int handle) {
    @Override
    public String toString() {
        return "ReceivedMessage[" + topic + ", " + payload.size() + " bytes]";
    }
}
