package io.crosslm.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.ReceivedMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT broker without a network: retained messages, wills, manual acknowledgement, receive
 * maximum; and connections that break when a test says so. Thread-safe.
 */
public final class InMemoryBroker implements DeviceLink {
    private static final int REFUSED = 0x87;

    @GuardedBy("this")
    private final Map<String, Session> sessions = new LinkedHashMap<>();

    @GuardedBy("this")
    private final Map<String, LinkMessage> retained = new LinkedHashMap<>();

    @GuardedBy("this")
    private final List<LinkMessage> published = new ArrayList<>();

    @GuardedBy("this")
    private final Set<String> strangers = new HashSet<>();

    @GuardedBy("this")
    private final Set<String> forbidden = new HashSet<>();

    @GuardedBy("this")
    private boolean down;

    @GuardedBy("this")
    private int cuts;

    private final long maximumPacketBytes;
    private final int receiveMaximum;

    public InMemoryBroker() {
        this(Long.MAX_VALUE, 10);
    }

    /**
     * A broker with limits of its own.
     *
     * @param receiveMaximum messages that it takes before it has acknowledged the first
     */
    public InMemoryBroker(long maximumPacketBytes, int receiveMaximum) {
        this.maximumPacketBytes = maximumPacketBytes;
        this.receiveMaximum = receiveMaximum;
    }

    @Override
    public synchronized LinkConnection open(LinkSettings settings, LinkListener listener)
            throws LinkException {
        if (down) {
            throw new LinkException(LinkException.Reason.UNREACHABLE, "the broker is down");
        }
        if (strangers.contains(settings.clientId())) {
            throw new LinkException(LinkException.Reason.NOT_AUTHORISED, "not a device of ours");
        }
        cut(settings.clientId());
        Session session = new Session(settings, listener);
        sessions.put(settings.clientId(), session);
        return session;
    }

    /** Breaks a client's connection, if it has one; its will is published. */
    public synchronized void cut(String clientId) {
        Session session = sessions.get(clientId);
        if (session != null) {
            cuts++;
            session.drop();
            session.listener.lost("cut by the test");
        }
    }

    /** Breaks all connections and takes none until {@link #comeBack}. */
    public synchronized void goDown() {
        down = true;
        for (String clientId : new ArrayList<>(sessions.keySet())) {
            cut(clientId);
        }
    }

    public synchronized void comeBack() {
        down = false;
    }

    /** Connections that were broken by this broker. */
    public synchronized int cuts() {
        return cuts;
    }

    /** From now on the client is not authorised to connect. */
    public synchronized void refuse(String clientId) {
        strangers.add(clientId);
    }

    /**
     * From now on publishing to the topic or subscribing to the filter is answered with a refusal.
     */
    public synchronized void forbid(String topicOrFilter) {
        forbidden.add(topicOrFilter);
    }

    public synchronized boolean isConnected(String clientId) {
        return sessions.containsKey(clientId);
    }

    /** Everything that was published, wills included, in order. */
    public synchronized List<LinkMessage> published() {
        return new ArrayList<>(published);
    }

    public synchronized @Nullable LinkMessage retained(String topic) {
        return retained.get(topic);
    }

    /** Filters that a client has. */
    public synchronized Set<String> subscriptions(String clientId) {
        Session session = sessions.get(clientId);
        return session == null ? new HashSet<>() : new HashSet<>(session.filters);
    }

    @GuardedBy("this")
    private void deliver(LinkMessage message) {
        published.add(message);
        if (message.retention() == LinkMessage.Retention.RETAINED) {
            if (message.payload().isEmpty()) {
                retained.remove(message.topic());
            } else {
                retained.put(message.topic(), message);
            }
        }
        for (Session session : new ArrayList<>(sessions.values())) {
            for (String filter : session.filters) {
                if (matches(filter, message.topic())) {
                    session.send(message);
                    break;
                }
            }
        }
    }

    /** Whether an MQTT filter covers a topic. */
    static boolean matches(String filter, String topic) {
        String[] wanted = filter.split("/", -1);
        String[] levels = topic.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return true;
            }
            if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
                return false;
            }
        }
        return wanted.length == levels.length;
    }

    /** One client's connection; all of its state is under the broker's lock. */
    private final class Session implements LinkConnection {
        private final LinkSettings settings;
        private final LinkListener listener;
        private final Set<String> filters = new HashSet<>();
        private final Deque<LinkMessage> waiting = new ArrayDeque<>();
        private final Set<Integer> unacknowledged = new HashSet<>();
        private int lastHandle;

        Session(LinkSettings settings, LinkListener listener) {
            this.settings = settings;
            this.listener = listener;
        }

        @Override
        public int receiveMaximum() {
            return receiveMaximum;
        }

        @Override
        public long maximumPacketBytes() {
            return maximumPacketBytes;
        }

        @Override
        public List<Integer> subscribe(List<String> wanted, Duration timeout) throws LinkException {
            synchronized (InMemoryBroker.this) {
                checkOpen();
                List<Integer> codes = new ArrayList<>();
                for (String filter : wanted) {
                    boolean allowed = !forbidden.contains(filter);
                    codes.add(allowed ? 1 : REFUSED);
                    if (allowed) {
                        filters.add(filter);
                        sendRetained(filter);
                    }
                }
                return codes;
            }
        }

        @Override
        public void unsubscribe(List<String> unwanted, Duration timeout) throws LinkException {
            synchronized (InMemoryBroker.this) {
                checkOpen();
                filters.removeAll(unwanted);
            }
        }

        @Override
        public void publish(long number, LinkMessage message) throws LinkException {
            synchronized (InMemoryBroker.this) {
                checkOpen();
                if (forbidden.contains(message.topic())) {
                    listener.acknowledged(number, REFUSED);
                    return;
                }
                deliver(message);
                listener.acknowledged(number, 0);
            }
        }

        @Override
        public void acknowledge(ReceivedMessage message) throws LinkException {
            synchronized (InMemoryBroker.this) {
                checkOpen();
                unacknowledged.remove(message.handle());
                sendWaiting();
            }
        }

        @Override
        public void disconnect(Duration timeout) {
            synchronized (InMemoryBroker.this) {
                sessions.remove(settings.clientId(), this);
            }
        }

        @Override
        public void close() {
            synchronized (InMemoryBroker.this) {
                drop();
            }
        }

        /** Ends the session without good-bye. */
        private void drop() {
            synchronized (InMemoryBroker.this) {
                if (sessions.remove(settings.clientId(), this)) {
                    deliver(settings.will());
                }
            }
        }

        private void send(LinkMessage message) {
            waiting.add(message);
            sendWaiting();
        }

        private void sendRetained(String filter) {
            synchronized (InMemoryBroker.this) {
                for (LinkMessage message : retained.values()) {
                    if (matches(filter, message.topic())) {
                        send(message);
                    }
                }
            }
        }

        private void sendWaiting() {
            while (!waiting.isEmpty() && unacknowledged.size() < settings.receiveMaximum()) {
                LinkMessage message = waiting.remove();
                int handle = ++lastHandle;
                unacknowledged.add(handle);
                listener.received(new ReceivedMessage(message.topic(), message.payload(), handle));
            }
        }

        private void checkOpen() throws LinkException {
            synchronized (InMemoryBroker.this) {
                if (sessions.get(settings.clientId()) != this) {
                    throw new LinkException(
                            LinkException.Reason.UNREACHABLE, "the connection is cut");
                }
            }
        }
    }
}
