package io.crosslm.tools.model;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.Classification;
import io.crosslm.llm.evaluation.LabelCalibration;
import io.crosslm.llm.evaluation.LabelledText;
import io.crosslm.tools.ToolException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The language model as a classifier by the likelihood of label words. */
final class LabelEvaluation {
    private static final int BATCH = 100;

    private final LabelTask task;
    private final List<LabelledText> texts;
    private final List<String> batch;
    private final @Nullable List<Double> prior;

    /**
     * Prepares a measurement.
     *
     * @param batch texts that calibrate; empty for the measured texts themselves
     * @param prior share of each label, null if they are taken as balanced
     */
    LabelEvaluation(
            LabelTask task,
            List<LabelledText> texts,
            List<String> batch,
            @Nullable List<Double> prior) {
        this.task = task;
        this.texts = texts;
        this.batch = batch;
        this.prior = prior;
        if (prior != null && prior.size() != task.labels().size()) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA,
                    "expected a share for each of the labels "
                            + task.labels()
                            + " but got "
                            + prior.size());
        }
    }

    JsonObject run(Measured measured) {
        EvaluateTable table = new EvaluateTable(measured.out());
        table.head("calibration");
        JsonObject all = new JsonObject();
        Map<String, Classification> untuned = measure(Measured.UNTUNED, null, measured);
        all.add(Measured.UNTUNED, print(table, Measured.UNTUNED, untuned, Map.of()));
        measured.adapters()
                .forEach(
                        (name, adapter) ->
                                all.add(
                                        name,
                                        print(
                                                table,
                                                name,
                                                measure(name, adapter, measured),
                                                untuned)));
        return all;
    }

    private Map<String, Classification> measure(
            String name, @Nullable Adapter adapter, Measured measured) {
        List<String> measuredTexts = texts.stream().map(LabelledText::text).toList();
        double[][] logs = logLikelihoods(measuredTexts, name, adapter, measured);
        double[][] calibrating =
                batch.isEmpty() ? logs : logLikelihoods(batch, name, adapter, measured);
        int[] right =
                texts.stream()
                        .mapToInt(text -> task.index(Objects.requireNonNull(text.label())))
                        .toArray();
        int count = task.labels().size();
        LabelCalibration calibration = LabelCalibration.of(calibrating);
        Map<String, Classification> results = new LinkedHashMap<>();
        results.put(
                "none", Classification.of(right, LabelCalibration.none(count).labels(logs), count));
        results.put("by batch", Classification.of(right, calibration.labels(logs), count));
        if (prior != null) {
            results.put(
                    "batch and prior",
                    Classification.of(right, calibration.withPrior(prior).labels(logs), count));
        }
        return results;
    }

    private double[][] logLikelihoods(
            List<String> all, String name, @Nullable Adapter adapter, Measured measured) {
        List<double[]> rows = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            List<String> contexts =
                    all.subList(from, Math.min(all.size(), from + BATCH)).stream()
                            .map(task::context)
                            .toList();
            double[][] logs =
                    measured.model()
                            .logLikelihoods(
                                    contexts,
                                    task.words(),
                                    adapter == null ? Adapter.none() : adapter);
            rows.addAll(List.of(logs));
            measured.progress().show(name, rows.size(), all.size());
        }
        return rows.toArray(double[][]::new);
    }

    private static JsonObject print(
            EvaluateTable table,
            String name,
            Map<String, Classification> results,
            Map<String, Classification> untuned) {
        JsonObject figures = new JsonObject();
        results.forEach(
                (calibration, result) -> {
                    Classification before = untuned.get(calibration);
                    JsonObject metrics = new JsonObject();
                    metrics.add(
                            "accuracy",
                            table.row(
                                    new String[] {calibration, name, "accuracy"},
                                    result.accuracy(),
                                    result.size(),
                                    before == null ? null : result.accuracyMinus(before)));
                    metrics.add(
                            "macroF1",
                            table.row(
                                    new String[] {calibration, name, "macro-F1"},
                                    result.macroF1(),
                                    result.size(),
                                    before == null ? null : result.macroF1Minus(before)));
                    figures.add(calibration, metrics);
                });
        return figures;
    }
}
