package com.example;

import io.crosslm.edge.Classification;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sorts the mail of a repair shop: each line on standard input is a message, each line on standard
 * output says what it is. Meanwhile the program takes part in the rounds of its coordinator. The
 * messages in the file and those that it sorts stay here.
 */
public final class MailSorter {
    private static final String TASK = "mail";

    private MailSorter() {}

    public static void main(String[] arguments) {
        if (arguments.length < 2) {
            System.err.println("usage: MailSorter STORAGE-DIRECTORY MESSAGES.tsv [ENROLMENT-CODE]");
            System.exit(2);
        }
        Path storage = Path.of(arguments[0]);
        try {
            ExampleSource examples = Messages.read(Path.of(arguments[1]));
            DeviceIdentity identity =
                    identity(storage, Arrays.stream(arguments).skip(2).findFirst());
            try (EdgeClient client =
                    EdgeClient.builder(identity.coordinatorUri(), identity)
                            .task(TASK, examples, OnnxEngine.engine())
                            .storage(storage)
                            .listener(new Narrator())
                            .build()) {
                client.start();
                sort(client);
            }
        } catch (EdgeException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            System.err.println("cannot read the messages: " + e.getMessage());
            System.exit(1);
        }
    }

    /** The code works once; afterwards the identity lies in the storage directory. */
    private static DeviceIdentity identity(Path storage, Optional<String> code) {
        Enrolment enrolment = Enrolment.in(storage);
        Optional<DeviceIdentity> stored = enrolment.stored();
        if (stored.isEmpty() && code.isEmpty()) {
            System.err.println("not enrolled yet: give the code of 'crosslm device invite'");
            System.exit(2);
        }
        return stored.orElseGet(() -> enrolment.enrol(code.orElseThrow(), null, null));
    }

    private static void sort(EdgeClient client) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                Classification said = client.classify(TASK, line);
                System.out.printf(
                        "%s %.2f %s%n", said.label(), said.probability(), said.modelVersion());
            } catch (EdgeException e) {
                if (e.code() != EdgeException.Code.NO_MODEL) {
                    throw e;
                }
                System.out.println("no model before the first round");
            }
        }
    }

    /**
     * Labelled messages: a label, a tab and a text on each line. Every third of a label validates.
     */
    private record Messages(List<Example> training, List<Example> validation)
            implements ExampleSource {
        static Messages read(Path file) throws IOException {
            List<Example> training = new ArrayList<>();
            List<Example> validation = new ArrayList<>();
            Map<String, Integer> counts = new HashMap<>();
            for (String line : Files.readAllLines(file)) {
                String[] columns = line.split("\t", 2);
                if (columns.length < 2) {
                    throw new IOException(
                            file + ": expected a label, a tab and a text on each line");
                }
                Example example = Example.of(columns[1], columns[0]);
                boolean validates = counts.merge(example.label(), 1, Integer::sum) % 3 == 0;
                (validates ? validation : training).add(example);
            }
            return new Messages(training, validation);
        }
    }

    /** Tells on standard error what the library does. */
    private static final class Narrator implements EdgeListener {
        @Override
        public void connected(String brokerUri) {
            System.err.println("connected to " + brokerUri);
        }

        @Override
        public void disconnected(String reason, Duration retryIn) {
            System.err.println("disconnected: " + reason);
        }

        @Override
        public void scored(TaskName task, RoundNumber round, int samples, Duration duration) {
            System.err.println("round " + round + ": scored " + samples + " texts");
        }

        @Override
        public void trained(TaskName task, RoundNumber round, TrainingOutcome outcome) {
            System.err.println("round " + round + ": trained, " + outcome.kept());
        }

        @Override
        public void problem(EdgeException problem) {
            System.err.println(problem.getMessage());
        }
    }
}
