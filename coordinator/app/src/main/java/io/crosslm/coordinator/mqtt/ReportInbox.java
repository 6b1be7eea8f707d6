package io.crosslm.coordinator.mqtt;

import com.google.protobuf.InvalidProtocolBufferException;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.OnlineDevices.Presence;
import io.crosslm.coordinator.mqtt.BrokerAccess.Contact;
import io.crosslm.coordinator.round.ReportReceiver;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Command;
import io.crosslm.protocol.wire.DeviceState;
import io.crosslm.protocol.wire.ErrorReport;
import io.crosslm.protocol.wire.Receipt;
import io.crosslm.protocol.wire.ReceiptStatus;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportKind;
import io.crosslm.protocol.wire.WireReader;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * Takes what devices publish, one message after the other on a thread of its own. A message that
 * breaks a rule is counted and, where its report can be named, answered as rejected; it never stops
 * the others. Thread-safe.
 *
 * <p>A message is acknowledged when it is dealt with, for the broker to hold back the rest; one of
 * QoS 0, which nothing holds back, is counted and dropped. What a device gets to know is the
 * receipt: it sends a report again until one comes.
 */
final class ReportInbox implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ReportInbox.class);

    private final Sources sources;
    private final BiConsumer<DeviceId, Command> answers;
    private final MeterRegistry meters;
    private final Clock clock;
    private final CountDownLatch open = new CountDownLatch(1);
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "crosslm-report-inbox"));

    /**
     * Whom the inbox works for.
     *
     * @param contacts what the broker knows of a device's connection
     */
    record Sources(
            DeviceRegistry registry,
            OnlineDevices online,
            ReportReceiver receiver,
            Function<DeviceId, Contact> contacts,
            RollCall rollCall) {}

    ReportInbox(
            Sources sources,
            BiConsumer<DeviceId, Command> answers,
            MeterRegistry meters,
            Clock clock) {
        this.sources = sources;
        this.answers = answers;
        this.meters = meters;
        this.clock = clock;
    }

    /** Lets the messages through; until then they wait. */
    void open() {
        open.countDown();
    }

    /** Takes a message from the network thread. */
    void accept(Mqtt5Publish message) {
        if (message.getQos() == MqttQos.AT_MOST_ONCE) {
            // Nobody waits for its acknowledgement.
            countRejected("qos-0");
            return;
        }
        if (!worker.isShutdown()) {
            worker.execute(() -> work(message));
        }
    }

    @Override
    public void close() {
        open.countDown();
        worker.shutdown();
        try {
            if (!worker.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("A report was still being stored when the service stopped");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(Mqtt5Publish message) {
        try {
            open.await();
            handle(message);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ProtocolException e) {
            countRejected(e.code().id());
            LOG.infof("A message was refused: %s", e.getMessage());
        } catch (RuntimeException e) {
            countRejected("internal");
            LOG.error("A message could not be stored; its device will send it again", e);
        } finally {
            message.acknowledge();
        }
    }

    private void handle(Mqtt5Publish message) {
        Topic topic = Topics.parse(message.getTopic().toString());
        byte[] payload = message.getPayloadAsBytes();
        if (topic instanceof Topic.DeviceReport report) {
            handleReport(report.device(), payload);
        } else if (topic instanceof Topic.DeviceState state) {
            handleState(state.device(), payload, message.isRetain());
        } else if (topic instanceof Topic.DeviceError error) {
            handleError(error.device(), payload);
        }
    }

    private void handleReport(DeviceId device, byte[] payload) {
        Receipt receipt;
        try {
            receipt = sources.receiver().receive(device.value(), WireReader.report(payload));
        } catch (ProtocolException e) {
            countRejected(e.code().id());
            LOG.infof("A report of %s was refused: %s", device, e.getMessage());
            Optional<Receipt> rejection = rejection(payload, e);
            if (rejection.isEmpty()) {
                return;
            }
            receipt = rejection.get();
        }
        meters.counter("crosslm.reports", "status", receipt.getStatus().name()).increment();
        answers.accept(device, Command.newBuilder().setReceipt(receipt).build());
    }

    /** A rejected receipt, if the bytes still tell which report they were. */
    private static Optional<Receipt> rejection(byte[] payload, ProtocolException reason) {
        if (payload.length > Limits.MAX_MESSAGE_BYTES) {
            return Optional.empty();
        }
        Receipt.Builder receipt =
                Receipt.newBuilder()
                        .setStatus(ReceiptStatus.RECEIPT_STATUS_REJECTED)
                        .setCode(reason.code().id())
                        .setMessage(String.valueOf(reason.getMessage()));
        try {
            Report report = Report.parseFrom(payload);
            if (report.hasScores()) {
                receipt.setKind(ReportKind.REPORT_KIND_SCORES)
                        .setTask(report.getScores().getTask())
                        .setRound(report.getScores().getRound())
                        .setReportId(report.getScores().getReportId());
            } else {
                receipt.setKind(ReportKind.REPORT_KIND_TRAINING)
                        .setTask(report.getTraining().getTask())
                        .setRound(report.getTraining().getRound())
                        .setReportId(report.getTraining().getReportId());
            }
            Command command = Command.newBuilder().setReceipt(receipt).build();
            return Optional.of(WireReader.command(command.toByteArray()).getReceipt());
        } catch (InvalidProtocolBufferException | ProtocolException e) {
            // Neither task nor report id can be read: there is nothing to answer to.
            return Optional.empty();
        }
    }

    private void handleState(DeviceId device, byte[] payload, boolean retained) {
        if (payload.length == 0 || !isMember(device)) {
            sources.online().left(device);
            return;
        }
        DeviceState state = WireReader.deviceState(payload);
        // A birth that was retained when the broker was killed says nothing about now.
        Contact contact = retained ? sources.contacts().apply(device) : Contact.CONNECTED;
        if (!state.getOnline() || contact == Contact.AWAY) {
            sources.online().left(device);
            return;
        }
        sources.online()
                .arrived(
                        device,
                        new Presence(
                                clock.instant(), state.getSdkVersion(), state.getEnginesList()));
        if (contact == Contact.UNKNOWN) {
            sources.rollCall().ask(device);
        }
    }

    private boolean isMember(DeviceId device) {
        return sources.registry().find(device).filter(found -> !found.isRevoked()).isPresent();
    }

    private void handleError(DeviceId device, byte[] payload) {
        if (!isMember(device)) {
            countRejected("stranger");
            return;
        }
        ErrorReport error = WireReader.errorReport(payload);
        meters.counter("crosslm.device.errors").increment();
        LOG.warnf(
                "Device %s reports %s: %s",
                device, printable(error.getCode()), printable(error.getMessage()));
        sources.receiver().failed(device.value(), error);
    }

    private void countRejected(String code) {
        meters.counter("crosslm.messages.rejected", "code", code).increment();
    }

    /** A device must not write lines of its own into the log. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }
}
