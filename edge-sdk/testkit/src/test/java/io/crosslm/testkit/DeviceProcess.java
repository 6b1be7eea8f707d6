package io.crosslm.testkit;

import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.LinkConnection;
import io.crosslm.edge.link.LinkException;
import io.crosslm.edge.link.LinkListener;
import io.crosslm.edge.link.LinkMessage;
import io.crosslm.edge.link.LinkSettings;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.link.ReceivedMessage;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A device in a process of its own, which a test kills; or which ends by itself as abruptly, at the
 * moment that its last argument names.
 */
final class DeviceProcess {
    /** Exit status of a process that halted itself. */
    static final int HALTED = 99;

    private DeviceProcess() {}

    /** Starts a device; "never", "publish" (of the first report) or "second-chunk" ends it. */
    static Process start(EdgeRig rig, String brokerUri, String haltAt, Path log)
            throws IOException {
        return start(List.of(), rig, brokerUri, haltAt, log);
    }

    /** The same with words before the command. */
    static Process start(
            List<String> prefix, EdgeRig rig, String brokerUri, String haltAt, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx96m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DeviceProcess.class.getName(),
                        rig.artifacts.uri().toString(),
                        rig.storage.toString(),
                        brokerUri,
                        haltAt));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(new File(log.toString())))
                .start();
    }

    public static void main(String[] arguments) throws InterruptedException {
        String haltAt = arguments[3];
        DeviceLink link = new PahoLink();
        EdgeClient client =
                EdgeRig.builder(
                                URI.create(arguments[0]),
                                Path.of(arguments[1]),
                                haltAt.equals("publish") ? new HaltingLink(link) : link,
                                arguments[2])
                        .task(
                                EdgeRig.TASK.value(),
                                new EdgeRig.Examples(),
                                haltAt.equals("second-chunk")
                                        ? new HaltingEngine()
                                        : new FormulaEngine())
                        .listener(
                                new EdgeListener() {
                                    @Override
                                    public void problem(EdgeException problem) {
                                        System.out.println(problem.getMessage());
                                    }
                                })
                        .build();
        client.start();
        Thread.currentThread().join(Duration.ofMinutes(2).toMillis());
    }

    /** Ends the process when it is about to publish a report: journalled, not sent. */
    private record HaltingLink(DeviceLink link) implements DeviceLink {
        @Override
        public LinkConnection open(LinkSettings settings, LinkListener listener)
                throws LinkException {
            return new HaltingConnection(link.open(settings, listener));
        }
    }

    private record HaltingConnection(LinkConnection connection) implements LinkConnection {
        @Override
        public int receiveMaximum() {
            return connection.receiveMaximum();
        }

        @Override
        public long maximumPacketBytes() {
            return connection.maximumPacketBytes();
        }

        @Override
        public List<Integer> subscribe(List<String> filters, Duration timeout)
                throws LinkException {
            return connection.subscribe(filters, timeout);
        }

        @Override
        public void unsubscribe(List<String> filters, Duration timeout) throws LinkException {
            connection.unsubscribe(filters, timeout);
        }

        @Override
        public void publish(long number, LinkMessage message) throws LinkException {
            if (message.topic().endsWith("/report")) {
                Runtime.getRuntime().halt(HALTED);
            }
            connection.publish(number, message);
        }

        @Override
        public void acknowledge(ReceivedMessage message) throws LinkException {
            connection.acknowledge(message);
        }

        @Override
        public void disconnect(Duration timeout) {
            connection.disconnect(timeout);
        }

        @Override
        public void close() {
            connection.close();
        }
    }

    /** Ends the process in the middle of a batch. */
    private static final class HaltingEngine implements ModelEngine {
        private final ModelEngine engine = new FormulaEngine();

        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public LocalModel open(Path packageDirectory) {
            return new HaltingModel(engine.open(packageDirectory));
        }
    }

    private static final class HaltingModel extends ForwardingModel {
        private static final int LARGE = 100;

        private int chunks;

        HaltingModel(LocalModel model) {
            super(model);
        }

        @Override
        public float[][] score(List<String> texts) {
            if (texts.size() > LARGE && ++chunks == 2) {
                Runtime.getRuntime().halt(HALTED);
            }
            return super.score(texts);
        }
    }
}
