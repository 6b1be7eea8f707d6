package io.crosslm.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.google.protobuf.ByteString;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.tls.ServerTrust;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.CoordinatorState;
import io.crosslm.protocol.wire.DeviceState;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.WireReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The coordinator's side of the protocol and nothing behind it: publishes what a test gives it,
 * commits the first report of a key and answers every one with a receipt. Thread-safe.
 */
public final class FakeCoordinator implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final Topics topics = Topics.of(TenantId.DEFAULT);
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "fake-coordinator"));
    private final LinkConnection connection;

    @GuardedBy("this")
    private final Map<ReportKey, Report> committed = new HashMap<>();

    @GuardedBy("this")
    private final Map<DeviceId, DeviceState> devices = new HashMap<>();

    @GuardedBy("this")
    private final List<ErrorReport> errors = new ArrayList<>();

    @GuardedBy("this")
    private int reports;

    @GuardedBy("this")
    private long clearings;

    private volatile long cleared;

    @GuardedBy("this")
    private boolean receipting = true;

    /** Connects to a broker. */
    public FakeCoordinator(DeviceLink link, String brokerUri) throws LinkException {
        LinkSettings settings =
                new LinkSettings(
                        brokerUri,
                        ServerTrust.loopbackOnly(),
                        "coordinator",
                        "secret",
                        state(false, 1),
                        64,
                        TIMEOUT,
                        TIMEOUT);
        this.connection = link.open(settings, new Incoming());
        connection.subscribe(
                List.of(topics.reportFilter(), topics.errorFilter(), topics.deviceStateFilter()),
                TIMEOUT);
        publish(state(true, 1));
    }

    /** Publishes the coordinator's state with an epoch, as after a start. */
    public void startEpoch(long epoch) throws LinkException {
        publish(state(true, epoch));
    }

    public void announce(Announcement announcement) throws LinkException {
        publishRaw(
                topics.announcement(new TaskName(announcement.getTask())).name(),
                announcement.toByteString());
    }

    /**
     * Takes an announcement away and waits for the broker's answer: who connects from then on does
     * not find it.
     */
    public void clearAnnouncement(TaskName task) throws LinkException {
        long number;
        synchronized (this) {
            number = ++clearings;
        }
        connection.publish(number, retained(topics.announcement(task).name(), ByteString.EMPTY));
        await("the answer to a clearing", () -> cleared >= number);
    }

    public void publishBatch(TaskName task, RoundNumber round, List<EncodedPart> parts)
            throws LinkException {
        for (EncodedPart part : parts) {
            publishRaw(
                    topics.batchPart(task, round, part.index()).name(),
                    ByteString.copyFrom(part.payload()));
        }
    }

    public void publishPool(TaskName task, RoundNumber round, List<EncodedPart> parts)
            throws LinkException {
        for (EncodedPart part : parts) {
            publishRaw(
                    topics.poolPart(task, round, part.index()).name(),
                    ByteString.copyFrom(part.payload()));
        }
    }

    /** Publishes any bytes, retained; a test's way to break the rules. */
    public void publishRaw(String topic, ByteString payload) throws LinkException {
        publish(retained(topic, payload));
    }

    private static LinkMessage retained(String topic, ByteString payload) {
        return new LinkMessage(
                topic, payload, LinkMessage.Retention.RETAINED, ContentTypes.MESSAGE);
    }

    public void send(DeviceId device, Command command) throws LinkException {
        publish(
                new LinkMessage(
                        topics.command(device).name(),
                        command.toByteString(),
                        LinkMessage.Retention.PASSING,
                        ContentTypes.MESSAGE));
    }

    /** Commits reports without answering them, or answers again. */
    public synchronized void withholdReceipts(boolean on) {
        receipting = !on;
    }

    /** The committed report of a key, or null. */
    public synchronized @Nullable Report report(ReportKey key) {
        return committed.get(key);
    }

    /** Keys of all committed reports. */
    public synchronized Set<ReportKey> committed() {
        return Set.copyOf(committed.keySet());
    }

    /** Reports that came, those that came again included. */
    public synchronized int reports() {
        return reports;
    }

    public synchronized List<ErrorReport> errors() {
        return List.copyOf(errors);
    }

    public synchronized boolean isOnline(DeviceId device) {
        DeviceState state = devices.get(device);
        return state != null && state.getOnline();
    }

    /** How often the device has connected since it started; 0 if it never did. */
    public synchronized long sessionNumber(DeviceId device) {
        DeviceState state = devices.get(device);
        return state == null ? 0 : state.getSessionNumber();
    }

    /** Waits until a report is committed. */
    public Report awaitReport(ReportKey key) {
        await("the report " + key, () -> report(key) != null);
        Report report = report(key);
        if (report == null) {
            throw new AssertionError("a committed report vanished: " + key);
        }
        return report;
    }

    /** Waits until something that this coordinator hears of is so. */
    public synchronized void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        try {
            while (!condition.getAsBoolean()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError(
                            what + " has not come within " + TIMEOUT.toMillis() + " ms");
                }
                // Conditions of the broker's or a listener's make no noise here.
                wait(Math.min(left, 50));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + what, e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        connection.close();
    }

    private void publish(LinkMessage message) throws LinkException {
        connection.publish(0, message);
    }

    private LinkMessage state(boolean online, long epoch) {
        return new LinkMessage(
                topics.coordinatorState().name(),
                CoordinatorState.newBuilder()
                        .setOnline(online)
                        .setEpoch(epoch)
                        .setVersion("fake")
                        .build()
                        .toByteString(),
                LinkMessage.Retention.RETAINED,
                ContentTypes.MESSAGE);
    }

    private void take(ReceivedMessage message) {
        try {
            Topic topic = Topics.parse(message.topic());
            byte[] payload = message.payload().toByteArray();
            if (topic instanceof Topic.DeviceReport from) {
                takeReport(from.device(), WireReader.report(payload));
            } else if (topic instanceof Topic.DeviceError) {
                takeError(WireReader.errorReport(payload));
            } else if (topic instanceof Topic.DeviceState from && payload.length > 0) {
                takeState(from.device(), WireReader.deviceState(payload));
            }
            connection.acknowledge(message);
        } catch (LinkException e) {
            if (!thread.isShutdown()) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void takeReport(DeviceId device, Report report) throws LinkException {
        ReportKey key = ReportKey.of(device, report);
        ByteString id =
                report.hasScores()
                        ? report.getScores().getReportId()
                        : report.getTraining().getReportId();
        boolean first;
        boolean answer;
        synchronized (this) {
            reports++;
            first = committed.putIfAbsent(key, report) == null;
            answer = receipting;
            notifyAll();
        }
        if (!answer) {
            return;
        }
        Receipt receipt =
                Receipt.newBuilder()
                        .setTask(key.task().value())
                        .setRound(key.round().value())
                        .setKind(key.kind())
                        .setReportId(id)
                        .setStatus(
                                first
                                        ? ReceiptStatus.RECEIPT_STATUS_ACCEPTED
                                        : ReceiptStatus.RECEIPT_STATUS_DUPLICATE)
                        .build();
        send(device, Command.newBuilder().setReceipt(receipt).build());
    }

    private synchronized void takeError(ErrorReport error) {
        errors.add(error);
        notifyAll();
    }

    private synchronized void takeState(DeviceId device, DeviceState state) {
        devices.put(device, state);
        notifyAll();
    }

    /** What makes a report the only one of its kind. */
    public record ReportKey(DeviceId device, TaskName task, RoundNumber round, ReportKind kind) {
        static ReportKey of(DeviceId device, Report report) {
            return report.hasScores()
                    ? new ReportKey(
                            device,
                            new TaskName(report.getScores().getTask()),
                            new RoundNumber(report.getScores().getRound()),
                            ReportKind.REPORT_KIND_SCORES)
                    : new ReportKey(
                            device,
                            new TaskName(report.getTraining().getTask()),
                            new RoundNumber(report.getTraining().getRound()),
                            ReportKind.REPORT_KIND_TRAINING);
        }
    }

    /** Moves everything to the coordinator's own thread. */
    private final class Incoming implements LinkListener {
        @Override
        public void received(ReceivedMessage message) {
            if (!thread.isShutdown()) {
                thread.execute(() -> take(message));
            }
        }

        @Override
        public void acknowledged(long number, int reasonCode) {
            // Of the others a test sees what arrived.
            if (number > 0) {
                cleared = number;
            }
        }

        @Override
        public void lost(String reason) {
            // A test that cuts the coordinator's own connection does not go on with it.
        }
    }
}
