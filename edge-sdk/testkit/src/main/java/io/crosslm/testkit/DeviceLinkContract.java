package io.crosslm.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.ByteString;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkMessage.Retention;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.tls.ServerTrust;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every way to a broker must do; the fake passes it as the real one does. */
public abstract class DeviceLinkContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int RECEIVE_MAXIMUM = 4;

    /** The link that is tested. */
    protected abstract DeviceLink link();

    protected abstract String brokerUri();

    /** Breaks a client's connection from outside. */
    protected abstract void cut(String clientId);

    @Test
    void publish_withSubscriber_arrivesAndIsAcknowledged() throws Exception {
        Heard heard = new Heard();
        Heard published = new Heard();
        try (LinkConnection subscriber = open("subscriber", heard);
                LinkConnection publisher = open("publisher", published)) {
            assertThat(subscriber.subscribe(List.of("a/+"), TIMEOUT)).containsExactly(1);
            publisher.publish(7, message("a/b", "text", Retention.PASSING));
            assertThat(heard.message()).isEqualTo("a/b text");
            assertThat(published.events.poll(10, TimeUnit.SECONDS)).isEqualTo("acknowledged 7 ok");
        }
    }

    @Test
    void subscribe_afterRetainedMessage_getsIt() throws Exception {
        Heard heard = new Heard();
        try (LinkConnection publisher = open("publisher", new Heard());
                LinkConnection subscriber = open("subscriber", heard)) {
            publisher.publish(1, message("r/1", "kept", Retention.RETAINED));
            publisher.publish(2, message("r/1", "newer", Retention.RETAINED));
            awaitRetained("r/1");
            subscriber.subscribe(List.of("r/+"), TIMEOUT);
            assertThat(heard.message()).isEqualTo("r/1 newer");
            publisher.publish(3, message("r/1", "", Retention.RETAINED));
        }
    }

    @Test
    void received_withoutAcknowledgement_staysBelowTheReceiveMaximum() throws Exception {
        Heard heard = new Heard();
        Heard published = new Heard();
        try (LinkConnection subscriber = open("subscriber", heard);
                LinkConnection publisher = open("publisher", published)) {
            subscriber.subscribe(List.of("m/+"), TIMEOUT);
            for (int i = 1; i <= 3 * RECEIVE_MAXIMUM; i++) {
                publisher.publish(i, message("m/" + i, "x", Retention.PASSING));
                // One at a time: the link leaves the publisher's own window to its caller.
                assertThat(published.events.poll(10, TimeUnit.SECONDS))
                        .isEqualTo("acknowledged " + i + " ok");
            }
            Deque<ReceivedMessage> open = new ArrayDeque<>();
            for (int i = 0; i < 3 * RECEIVE_MAXIMUM; i++) {
                // A broker may send fewer than the maximum; it goes on after an acknowledgement.
                ReceivedMessage message = heard.messages.poll(300, TimeUnit.MILLISECONDS);
                while (message == null && !open.isEmpty()) {
                    subscriber.acknowledge(open.remove());
                    message = heard.messages.poll(300, TimeUnit.MILLISECONDS);
                }
                open.add(message == null ? heard.next() : message);
                assertThat(open).hasSizeLessThanOrEqualTo(RECEIVE_MAXIMUM);
            }
        }
    }

    @Test
    void cut_ofClient_tellsItAndPublishesTheWill() throws Exception {
        Heard heard = new Heard();
        Heard lost = new Heard();
        try (LinkConnection subscriber = open("subscriber", heard);
                LinkConnection victim = open("victim", lost)) {
            subscriber.subscribe(List.of("will/victim"), TIMEOUT);
            cut("victim");
            assertThat(lost.events.poll(10, TimeUnit.SECONDS)).isEqualTo("lost");
            assertThat(heard.message()).isEqualTo("will/victim gone");
            assertThat(victim.receiveMaximum()).isPositive();
        }
    }

    @Test
    void disconnect_afterTheConnectionWasCut_isQuiet() throws Exception {
        Heard lost = new Heard();
        LinkConnection victim = open("victim", lost);
        cut("victim");
        assertThat(lost.events.poll(10, TimeUnit.SECONDS)).isEqualTo("lost");
        assertThatCode(() -> victim.disconnect(TIMEOUT)).doesNotThrowAnyException();
    }

    @Test
    void disconnect_withGoodBye_publishesNoWill() throws Exception {
        Heard heard = new Heard();
        try (LinkConnection subscriber = open("subscriber", heard)) {
            subscriber.subscribe(List.of("will/polite"), TIMEOUT);
            LinkConnection polite = open("polite", new Heard());
            polite.disconnect(TIMEOUT);
            try (LinkConnection publisher = open("publisher", new Heard())) {
                publisher.publish(1, message("will/polite", "marker", Retention.PASSING));
                assertThat(heard.message()).isEqualTo("will/polite marker");
            }
        }
    }

    @Test
    void unsubscribe_fromFilter_endsItsMessages() throws Exception {
        Heard heard = new Heard();
        try (LinkConnection subscriber = open("subscriber", heard);
                LinkConnection publisher = open("publisher", new Heard())) {
            subscriber.subscribe(List.of("u/one", "u/two"), TIMEOUT);
            subscriber.unsubscribe(List.of("u/one"), TIMEOUT);
            publisher.publish(1, message("u/one", "x", Retention.PASSING));
            publisher.publish(2, message("u/two", "y", Retention.PASSING));
            assertThat(heard.message()).isEqualTo("u/two y");
        }
    }

    private LinkConnection open(String clientId, LinkListener listener) throws LinkException {
        LinkMessage will = message("will/" + clientId, "gone", Retention.PASSING);
        return link().open(
                        new LinkSettings(
                                brokerUri(),
                                ServerTrust.loopbackOnly(),
                                clientId,
                                "secret",
                                will,
                                RECEIVE_MAXIMUM,
                                TIMEOUT,
                                TIMEOUT),
                        listener);
    }

    /** A second subscriber sees the newest retained message sooner or later. */
    private void awaitRetained(String topic) throws Exception {
        Heard heard = new Heard();
        try (LinkConnection probe = open("probe", heard)) {
            List<String> seen = new ArrayList<>();
            while (!seen.contains(topic + " newer")) {
                probe.subscribe(List.of(topic), TIMEOUT);
                ReceivedMessage message = heard.next();
                probe.acknowledge(message);
                seen.add(message.topic() + " " + message.payload().toStringUtf8());
            }
        }
    }

    private static LinkMessage message(String topic, String text, Retention retention) {
        return new LinkMessage(topic, ByteString.copyFromUtf8(text), retention, "text/plain");
    }

    /** Keeps what one connection hears. */
    private static final class Heard implements LinkListener {
        private final LinkedBlockingQueue<ReceivedMessage> messages = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();

        @Override
        public void received(ReceivedMessage message) {
            messages.add(message);
        }

        @Override
        public void acknowledged(long number, int reasonCode) {
            // 16 is "no subscriber", a success as well.
            events.add("acknowledged " + number + (reasonCode < 128 ? " ok" : " refused"));
        }

        @Override
        public void lost(String reason) {
            events.add("lost");
        }

        ReceivedMessage next() throws InterruptedException {
            ReceivedMessage message = messages.poll(10, TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no message has come");
            }
            return message;
        }

        String message() throws InterruptedException {
            ReceivedMessage message = next();
            return message.topic() + " " + message.payload().toStringUtf8();
        }
    }
}
