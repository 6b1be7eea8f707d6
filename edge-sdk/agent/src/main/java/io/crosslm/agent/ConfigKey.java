package io.crosslm.agent;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every key of the agent's config file; what stands here is what {@code --help} shows. */
enum ConfigKey {
    COORDINATOR(
            "coordinator",
            null,
            "Address of the coordinator, for instance https://10.0.0.5:8080, if this machine must"
                    + " take another one than the enrolment code names."),
    ENROLMENT_CODE(
            "enrolment-code",
            null,
            "Code that the operator makes with 'crosslm device invite'. Needed at the first start;"
                    + " it works once, and the identity that it gives is kept in the storage"
                    + " directory."),
    STORAGE(
            "storage",
            null,
            "Directory for identity, models, reports to send and the ledger of what left. Needed."),
    ENGINE(
            "engine",
            "onnx",
            "Engine that runs the small model: onnx, or tflite for a lighter one; the task must"
                    + " have a model for it."),
    THREADS("threads", "1", "Threads that the engine computes with."),
    TRAINING_MEMORY(
            "training-memory-mib",
            null,
            "The most memory that a training may take beside the opened model, in MiB. One that needs"
                    + " more is not begun; the log says what would fit. Without it, any."),
    TRAINING_WATTS(
            "training-watts",
            null,
            "Power that this machine takes while it trains, so that the log can tell the energy of a"
                    + " training. Without it, none is told."),
    MODEL(
            "task.<name>.model",
            null,
            "Which of the task's small models this device takes, by the name that the operator"
                    + " tells; the engine must be the one that runs it. Without it, the first one"
                    + " of the engine."),
    TRAINING(
            "task.<name>.training",
            null,
            "File of labelled texts to train on: .jsonl, .ndjson, .csv or .tsv, also .gz. Needed,"
                    + " for every task of this device."),
    VALIDATION(
            "task.<name>.validation",
            null,
            "File for calibration and for choosing the better model, never trained on. Without it,"
                    + " every third text of a label in the training file validates."),
    TEST("task.<name>.test", null, "File that only measures. Without it, nothing is tested."),
    TEXT("task.<name>.text", ExampleFile.DEFAULT_TEXT_COLUMN, "Column or field of the text."),
    LABEL("task.<name>.label", ExampleFile.DEFAULT_LABEL_COLUMN, "Column or field of the label.");

    /** What the keys of a task begin with. */
    static final String TASK_PREFIX = "task.";

    private static final String TASK_NAME = "<name>";

    private final String pattern;
    private final @Nullable String defaultValue;
    private final String meaning;

    ConfigKey(String pattern, @Nullable String defaultValue, String meaning) {
        this.pattern = pattern;
        this.defaultValue = defaultValue;
        this.meaning = meaning;
    }

    /** The key as it stands in help, for instance task.&lt;name&gt;.text. */
    String pattern() {
        return pattern;
    }

    @Nullable String defaultValue() {
        return defaultValue;
    }

    String meaning() {
        return meaning;
    }

    boolean isOfTask() {
        return pattern.startsWith(TASK_PREFIX);
    }

    /** The key as it stands in the file of a device with this task. */
    String of(String task) {
        return pattern.replace(TASK_NAME, task);
    }

    /** Every key, those of a task with the name that a mistyped one seems to have. */
    static List<String> like(String mistyped) {
        int first = mistyped.indexOf('.');
        int last = mistyped.lastIndexOf('.');
        String task = first < last ? mistyped.substring(first + 1, last) : TASK_NAME;
        return Arrays.stream(values()).map(key -> key.of(task)).toList();
    }

    static List<String> patterns() {
        return Arrays.stream(values()).map(ConfigKey::pattern).toList();
    }
}
