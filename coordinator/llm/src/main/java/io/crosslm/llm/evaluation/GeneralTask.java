package io.crosslm.llm.evaluation;

import com.google.gson.JsonObject;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer.Continuation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A task of general ability by the conventions of lm-evaluation-harness: zero-shot, no chat
 * template, no token before the text but what the model's tokenizer puts there. Immutable.
 *
 * @param name also of its file, {@code <name>.jsonl.gz} or {@code <name>.jsonl}
 * @param metrics that the harness has for it, in its order
 * @param form how a line of the file becomes a question
 */
public record GeneralTask(String name, List<Metric> metrics, Form form) {
    private static final List<Metric> PLAIN = List.of(Metric.ACCURACY);
    private static final List<Metric> BOTH = List.of(Metric.ACCURACY, Metric.NORMALISED_ACCURACY);

    private static final Pattern CONNECTIVE = Pattern.compile(", (because|therefore)$");
    private static final Pattern BRACKETS = Pattern.compile("\\[.*?\\]");

    /** All, the quickest first. */
    public static final List<GeneralTask> ALL =
            List.of(
                    new GeneralTask("copa", PLAIN, GeneralTask::copa),
                    new GeneralTask("openbook_qa", BOTH, line -> question(line, "query", "")),
                    new GeneralTask("winogrande", PLAIN, GeneralTask::winogrande),
                    new GeneralTask("piqa", BOTH, GeneralTask::piqa),
                    new GeneralTask("arc_easy", BOTH, line -> question(line, "query", "\nAnswer:")),
                    new GeneralTask("hellaswag-1000", BOTH, GeneralTask::hellaswag),
                    new GeneralTask(
                            "lambada_openai",
                            List.of(Metric.PERPLEXITY, Metric.GREEDY_ACCURACY),
                            GeneralTask::lambada),
                    new GeneralTask("boolq", PLAIN, GeneralTask::boolq));

    /** Turns a line into a question. */
    @FunctionalInterface
    public interface Form {
        /**
         * Reads a question.
         *
         * @throws IllegalStateException if fields are missing or wrong
         */
        ChoiceItem read(JsonObject line);
    }

    public GeneralTask {
        metrics = List.copyOf(metrics);
    }

    /**
     * The tasks of these names, in their order.
     *
     * @throws LanguageModelException BAD_INPUT for a name that there is not
     */
    public static List<GeneralTask> named(List<String> names) {
        List<GeneralTask> tasks = new ArrayList<>();
        for (String name : names) {
            tasks.add(
                    ALL.stream()
                            .filter(task -> task.name.equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new LanguageModelException(
                                                    Code.BAD_INPUT,
                                                    "there is no task "
                                                            + name
                                                            + "; expected some of "
                                                            + names(ALL))));
        }
        return tasks;
    }

    private static String names(List<GeneralTask> tasks) {
        return String.join(", ", tasks.stream().map(GeneralTask::name).toList());
    }

    /**
     * Reads the task's file.
     *
     * @param limit at most so many items, from the front
     * @throws LanguageModelException MALFORMED_FILE if it is missing, or with the line that is
     *     wrong
     */
    public List<ChoiceItem> read(Path folder, int limit) {
        return JsonLines.read(
                file(folder), limit, "a JSON object as the task " + name + " has", form::read);
    }

    /**
     * Finds the task's file.
     *
     * @throws LanguageModelException MALFORMED_FILE if it is missing
     */
    public Path file(Path folder) {
        for (String ending : List.of(".jsonl.gz", ".jsonl")) {
            Path file = folder.resolve(name + ending);
            if (Files.isRegularFile(file)) {
                return file;
            }
        }
        throw new LanguageModelException(
                Code.MALFORMED_FILE,
                "there is neither " + name + ".jsonl.gz nor " + name + ".jsonl in " + folder);
    }

    private static ChoiceItem question(JsonObject line, String field, String after) {
        return choices(line, JsonLines.text(line, field) + after, JsonLines.texts(line, "choices"));
    }

    private static ChoiceItem choices(JsonObject line, String context, List<String> choices) {
        return new ChoiceItem(
                choices.stream().map(choice -> new Continuation(context, " " + choice)).toList(),
                JsonLines.index(line, "gold", choices.size()));
    }

    private static ChoiceItem piqa(JsonObject line) {
        String query = JsonLines.text(line, "query").stripTrailing();
        return choices(line, query + "\nAnswer:", JsonLines.texts(line, "choices"));
    }

    /** The harness's prompt is passage, question, "Answer:", without the word these files have. */
    private static ChoiceItem boolq(JsonObject line) {
        String query = JsonLines.text(line, "query");
        String first = "Passage: ";
        return choices(
                line,
                (query.startsWith(first) ? query.substring(first.length()) : query) + "\nAnswer:",
                JsonLines.texts(line, "choices"));
    }

    /** The harness has no comma before the connective. */
    private static ChoiceItem copa(JsonObject line) {
        String context = CONNECTIVE.matcher(JsonLines.text(line, "query")).replaceFirst(" $1");
        List<String> choices =
                JsonLines.texts(line, "choices").stream()
                        .map(choice -> first(choice).toLowerCase(Locale.ROOT) + rest(choice))
                        .toList();
        return choices(line, context, choices);
    }

    /** The same continuation after each context that is filled in. */
    private static ChoiceItem winogrande(JsonObject line) {
        String continuation = " " + JsonLines.text(line, "continuation");
        List<Continuation> choices =
                JsonLines.texts(line, "context_options").stream()
                        .map(context -> new Continuation(context, continuation))
                        .toList();
        return new ChoiceItem(choices, JsonLines.index(line, "gold", choices.size()));
    }

    private static ChoiceItem hellaswag(JsonObject line) {
        String second = JsonLines.text(line, "ctx_b");
        // Python's capitalize lower-cases all the rest.
        String capitalised =
                first(second).toUpperCase(Locale.ROOT) + rest(second).toLowerCase(Locale.ROOT);
        String context =
                cleaned(
                        JsonLines.text(line, "activity_label")
                                + ": "
                                + JsonLines.text(line, "ctx_a")
                                + " "
                                + capitalised);
        List<Continuation> choices =
                JsonLines.texts(line, "endings").stream()
                        .map(ending -> new Continuation(context, " " + cleaned(ending)))
                        .toList();
        return new ChoiceItem(choices, JsonLines.index(line, "label", choices.size()));
    }

    private static ChoiceItem lambada(JsonObject line) {
        String word = JsonLines.text(line, "continuation");
        String context = JsonLines.text(line, "context");
        return new ChoiceItem(
                List.of(new Continuation(context, word.startsWith(" ") ? word : " " + word)), 0);
    }

    /** Takes WikiHow's marks out. */
    private static String cleaned(String text) {
        String titled = text.strip().replace(" [title]", ". ");
        return BRACKETS.matcher(titled).replaceAll("").replace("  ", " ");
    }

    private static String first(String text) {
        return text.substring(0, text.offsetByCodePoints(0, text.isEmpty() ? 0 : 1));
    }

    private static String rest(String text) {
        return text.substring(first(text).length());
    }
}
