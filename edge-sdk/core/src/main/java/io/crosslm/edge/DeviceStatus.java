package io.crosslm.edge;

import io.crosslm.edge.internal.StatusReader;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client's storage directory says about its device, while the client runs and while it does
 * not. Holds no private text, no score and no secret. Immutable.
 *
 * @param device null if it is not enrolled, or its identity is kept elsewhere
 * @param coordinator where the device was enrolled; null like the device
 * @param contact the last time at which the broker was heard; null if never
 * @param tasks in the order of their names
 */
public record DeviceStatus(
        @Nullable DeviceId device,
        @Nullable URI coordinator,
        ClientState client,
        LinkState link,
        @Nullable Instant contact,
        Traffic delivered,
        Traffic waiting,
        List<Task> tasks) {
    public DeviceStatus {
        tasks = Collections.unmodifiableList(new ArrayList<>(tasks));
    }

    /**
     * Reads a storage directory. Its lock is not taken and nothing is written; a directory that is
     * not there is one of a device that did nothing yet.
     *
     * @throws EdgeException STORAGE or STORAGE_DAMAGED if a file cannot be read or understood
     */
    public static DeviceStatus read(Path storage) {
        return StatusReader.read(storage);
    }

    /** Whether a client has the directory open. */
    public enum ClientState {
        RUNNING,
        NOT_RUNNING
    }

    /** Whether the running client has a connection to its broker. */
    public enum LinkState {
        CONNECTED,
        NOT_CONNECTED
    }

    /**
     * Messages and the bytes of their payloads.
     *
     * @param reports those of them that a round waited for; the rest tells of errors
     */
    public record Traffic(int reports, int messages, long bytes) {}

    /**
     * A task's part.
     *
     * @param round the last one that the device heard of or sent something for; null if none
     * @param model that answers the app; null if there is none yet
     * @param notDone why the last job was not done; null if it was
     * @param privacy what the task has cost; null if it never had a privacy mode
     */
    public record Task(
            TaskName name,
            @Nullable Round round,
            @Nullable Model model,
            @Nullable NotDone notDone,
            @Nullable Privacy privacy,
            Traffic delivered,
            Traffic waiting) {}

    /**
     * A round as the device sees it.
     *
     * @param step that the coordinator announced; null if the round is over
     * @param deadline of the step; null if it has none
     * @param scores how the score report fares: "waiting" until its receipt comes, then what that
     *     says, like "accepted"; null if there is none
     * @param training the same of the training report
     */
    public record Round(
            RoundNumber number,
            @Nullable String step,
            @Nullable Instant deadline,
            @Nullable String scores,
            @Nullable String training) {}

    /**
     * A trained model.
     *
     * @param examples private ones that it was trained on; 0 if an earlier version trained it
     * @param validationCorrect of the validation examples, right after the training
     */
    public record Model(
            String version, int examples, int validationCorrect, int validationExamples) {}

    /**
     * What a task has cost, counted by the device.
     *
     * @param spent in all
     * @param limit that held when it was spent last
     * @param queries how often something was spent
     */
    public record Privacy(PrivacyGuarantee spent, PrivacyGuarantee limit, long queries) {}

    /** Why a job was skipped or failed. */
    public record NotDone(RoundNumber round, String step, Instant at, String reason) {}
}
