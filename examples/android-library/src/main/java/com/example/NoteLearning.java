package com.example;

import android.content.Context;

import io.crosslm.edge.Classification;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.Enrolment;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.SecretStore;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.onnx.OnnxEngine;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * Learns from a phone's notes: the library of an app, one for each process. Its methods compute and
 * wait for the network; call them off the main thread. Thread-safe.
 */
public final class NoteLearning implements AutoCloseable {
    private static final String TASK = "notes";

    private final EdgeClient client;

    private NoteLearning(EdgeClient client) {
        this.client = client;
    }

    /** Where the library keeps everything; a backup does not take it to another phone. */
    private static Path directory(Context context) {
        return context.getNoBackupFilesDir().toPath().resolve("crosslm");
    }

    /**
     * Makes this phone a device of a coordinator, once.
     *
     * @param code of 'crosslm device invite'
     */
    public static void enrol(SecretStore secrets, String code) {
        Enrolment.in(secrets, Clock.systemUTC()).enrol(code, null, null);
    }

    /** Opens the library of a phone that is enrolled. */
    public static NoteLearning open(Context context, SecretStore secrets, ExampleSource notes) {
        return new NoteLearning(
                EdgeClient.builder(secrets)
                        .task(TASK, notes, OnnxEngine.engine())
                        .storage(directory(context))
                        .build());
    }

    /** Takes part in rounds for a while; work that is cut short goes on in the next window. */
    public RunOutcome learn(Duration window) {
        return client.runOnce(window);
    }

    /** What a note is about; works offline, once a round has been through. */
    public Classification classify(String note) {
        return client.classify(TASK, note);
    }

    /** How many messages have left the phone, or wait to. */
    public int messagesThatLeft() {
        return client.ledger().size();
    }

    /** Ends a window early, too. */
    @Override
    public void close() {
        client.close();
    }
}
