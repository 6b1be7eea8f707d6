package io.crosslm.tools.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.ChoiceItem;
import io.crosslm.llm.evaluation.GeneralResult;
import io.crosslm.llm.evaluation.GeneralTask;
import io.crosslm.llm.evaluation.Metric;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** General ability, task by task. */
final class GeneralEvaluation {
    private final Map<GeneralTask, List<ChoiceItem>> tasks = new LinkedHashMap<>();
    private final boolean itemScores;

    /**
     * Reads all files, so that a wrong one is found before hours of work.
     *
     * @param itemScores whether the figures hold every log-likelihood
     */
    GeneralEvaluation(List<GeneralTask> tasks, Path folder, int items, boolean itemScores) {
        tasks.forEach(task -> task.file(folder));
        tasks.forEach(task -> this.tasks.put(task, task.read(folder, items)));
        this.itemScores = itemScores;
    }

    JsonObject run(Measured measured) {
        EvaluateTable table = new EvaluateTable(measured.out());
        table.head("task");
        JsonObject all = new JsonObject();
        tasks.forEach(
                (task, items) -> {
                    JsonObject models = new JsonObject();
                    GeneralResult untuned = score(task, items, Measured.UNTUNED, null, measured);
                    models.add(
                            Measured.UNTUNED, print(table, task, Measured.UNTUNED, untuned, null));
                    measured.adapters()
                            .forEach(
                                    (name, adapter) -> {
                                        GeneralResult result =
                                                score(task, items, name, adapter, measured);
                                        models.add(name, print(table, task, name, result, untuned));
                                    });
                    all.add(task.name(), models);
                });
        return all;
    }

    private static GeneralResult score(
            GeneralTask task,
            List<ChoiceItem> items,
            String name,
            @Nullable Adapter adapter,
            Measured measured) {
        return GeneralResult.of(
                items,
                measured.model(),
                adapter == null ? Adapter.none() : adapter,
                (done, all) -> measured.progress().show(task.name() + ", " + name, done, all));
    }

    private JsonObject print(
            EvaluateTable table,
            GeneralTask task,
            String name,
            GeneralResult result,
            @Nullable GeneralResult untuned) {
        JsonObject figures = new JsonObject();
        for (Metric metric : task.metrics()) {
            figures.add(
                    metric.id(),
                    table.row(
                            new String[] {task.name(), name, metric.id()},
                            result.estimate(metric),
                            result.size(),
                            untuned == null ? null : result.minus(untuned, metric)));
        }
        if (itemScores) {
            figures.add("logLikelihoods", new Gson().toJsonTree(result.logLikelihoods()));
        }
        return figures;
    }
}
