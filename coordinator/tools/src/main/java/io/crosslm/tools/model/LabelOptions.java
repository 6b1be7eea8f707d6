package io.crosslm.tools.model;

import io.crosslm.llm.evaluation.LabelledText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of {@code crosslm evaluate --texts}: how the model is asked for labels. */
final class LabelOptions {
    @Option(
            names = "--task-file",
            paramLabel = "FILE",
            description = "of --texts: a task's labels, words and prompt")
    private @Nullable Path taskFile;

    @Option(
            names = "--labels",
            paramLabel = "LABEL",
            split = ",",
            description = "of --texts: labels as they stand in the file")
    private List<String> labels = new ArrayList<>();

    @Option(
            names = "--words",
            paramLabel = "WORDS",
            split = ",",
            description = "of --texts: what the model says for each label; default: the label")
    private List<String> words = new ArrayList<>();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description =
                    "of --texts: what stands before the label, with {text} in it, and \\n for"
                            + " a new line; default: \"Text: {text}\\nLabel:\"")
    private @Nullable String prompt;

    @Option(
            names = "--calibrate-by",
            paramLabel = "FILE",
            description =
                    "of --texts: unlabelled texts whose mean is subtracted; default: the"
                            + " measured texts themselves")
    private @Nullable Path batch;

    @Option(
            names = "--prior",
            paramLabel = "SHARE",
            split = ",",
            description = "of --texts: how frequent each label is; default: equally")
    private List<Double> prior = new ArrayList<>();

    boolean areMissing() {
        return taskFile == null && labels.isEmpty();
    }

    /** Reads the files. */
    LabelEvaluation evaluation(Path texts, int limit) {
        LabelTask task =
                taskFile != null
                        ? LabelTask.read(taskFile)
                        : new LabelTask(
                                labels,
                                words.isEmpty() ? labels : words,
                                prompt == null ? LabelTask.PROMPT : prompt.replace("\\n", "\n"),
                                Map.of());
        List<String> calibrating =
                batch == null
                        ? List.of()
                        : LabelledText.read(batch, Integer.MAX_VALUE).stream()
                                .map(LabelledText::text)
                                .toList();
        return new LabelEvaluation(
                task,
                LabelledText.read(texts, limit, task.inFiles()),
                calibrating,
                prior.isEmpty() ? null : prior);
    }
}
