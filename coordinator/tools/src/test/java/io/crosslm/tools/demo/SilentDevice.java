package io.crosslm.tools.demo;

import com.google.protobuf.ByteString;

import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.DeviceState;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/** A device that is connected and never answers: a round waits for it until its deadline. */
final class SilentDevice implements AutoCloseable {
    static final String NAME = "silent";
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final Duration KEEP_ALIVE = Duration.ofSeconds(60);

    private final LinkConnection connection;

    private SilentDevice(LinkConnection connection) {
        this.connection = connection;
    }

    /** Enrols and comes online. */
    static SilentDevice connect(CoordinatorApi api, String task, Path storage) throws Exception {
        DeviceIdentity identity =
                Enrolment.in(storage).enrol(api.enrolmentCode(NAME, task), null, NAME);
        LinkSettings settings =
                new LinkSettings(
                        identity.brokerUri().toString(),
                        identity.trust(Clock.systemUTC()),
                        identity.device().value(),
                        identity.token(),
                        state(identity, task, false),
                        1,
                        TIMEOUT,
                        KEEP_ALIVE);
        LinkConnection connection = new PahoLink().open(settings, new Deaf());
        connection.publish(0, state(identity, task, true));
        return new SilentDevice(connection);
    }

    private static LinkMessage state(DeviceIdentity identity, String task, boolean online) {
        ByteString payload =
                DeviceState.newBuilder()
                        .setOnline(online)
                        .setBootId(ByteString.copyFrom(new byte[Limits.RANDOM_ID_BYTES]))
                        .setSessionNumber(1)
                        .setSdkVersion("0")
                        .addTasks(task)
                        .build()
                        .toByteString();
        return new LinkMessage(
                Topics.of(identity.tenant()).deviceState(identity.device()).name(),
                payload,
                LinkMessage.Retention.RETAINED,
                ContentTypes.MESSAGE);
    }

    @Override
    public void close() {
        connection.close();
    }

    /** Takes no notice of anything. */
    private static final class Deaf implements LinkListener {
        @Override
        public void received(ReceivedMessage message) {}

        @Override
        public void acknowledged(long number, int reasonCode) {}

        @Override
        public void lost(String reason) {}
    }
}
