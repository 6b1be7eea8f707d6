package io.crosslm.tools.bench;

import com.google.gson.JsonObject;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Fixed pieces of work with a small model, timed run by run. Lines are those of the peers. */
final class SmallModelMeasurement {
    private static final double MILLIS = 1e3;

    private final LocalModel model;
    private final ProcessGauge gauge;
    private final List<String> texts;
    private final int rows;
    private final int runs;
    private final int warmup;

    /**
     * Prepares.
     *
     * @param rows texts of a step, and of the batch that a score's time is told for
     */
    SmallModelMeasurement(
            LocalModel model,
            ProcessGauge gauge,
            List<String> texts,
            int rows,
            int runs,
            int warmup) {
        this.model = model;
        this.gauge = gauge;
        this.texts = texts;
        this.rows = rows;
        this.runs = runs;
        this.warmup = warmup;
    }

    /**
     * Milliseconds of a training step, from the end of the step before.
     *
     * @param how what every epoch is
     */
    String train(Epochs how) {
        int steps = Math.max(2, warmup) + runs;
        int examples = how == Epochs.ONE_STEP ? rows : rows * steps;
        if (texts.size() < examples + rows) {
            throw new ToolException(
                    Code.BAD_DATA,
                    "There are "
                            + texts.size()
                            + " texts where "
                            + (examples + rows)
                            + " are needed; give more, or fewer --runs");
        }
        int labels = model.labels().size();
        List<LabelledText> labelled = new ArrayList<>();
        for (String text : texts.subList(0, examples + rows)) {
            labelled.add(new LabelledText(text, labelled.size() % labels));
        }
        TrainingData data =
                new TrainingData(
                        labelled.subList(0, examples),
                        labelled.subList(examples, examples + rows),
                        List.of());
        TrainingSettings settings =
                new TrainingSettings(
                        TrainingSettings.DEFAULT_POOL_WEIGHT,
                        how == Epochs.ONE_STEP ? steps : 1,
                        1);
        if (how == Epochs.PRIVATE) {
            settings = settings.withPrivacy(new PrivateTraining(1, 1, (double) rows / examples));
        }
        StepTimes times = new StepTimes(steps);
        model.train(data, settings, times);
        times.expectAll();
        return line("train", times.seconds(), times.cpu(), rows);
    }

    /** Milliseconds of scoring as many texts as a step has; every run has texts of its own. */
    String score() {
        int each = texts.size() / (warmup + runs);
        if (each < rows) {
            throw new ToolException(
                    Code.BAD_DATA,
                    "There are "
                            + texts.size()
                            + " texts where "
                            + rows * (warmup + runs)
                            + " are needed; give more, or fewer --runs");
        }
        List<Double> seconds = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (int run = 0; run < warmup + runs; run++) {
            if (run == warmup) {
                gauge.resetCpu();
            }
            List<String> own = texts.subList(run * each, (run + 1) * each);
            double cpuStart = ProcessGauge.cpuSeconds();
            long start = System.nanoTime();
            model.score(own);
            if (run >= warmup) {
                seconds.add(BenchOutput.seconds(start) * rows / each);
                cpu.add((ProcessGauge.cpuSeconds() - cpuStart) * rows / each);
            }
        }
        return line("score", seconds, cpu, each);
    }

    private String line(String metric, List<Double> seconds, List<Double> cpu, int batch) {
        JsonObject line = new JsonObject();
        line.addProperty("name", "crosslm");
        line.addProperty("metric", metric);
        line.addProperty("unit", "ms/step");
        line.addProperty("value", Measurement.digits(MILLIS * Collections.min(seconds)));
        line.addProperty("median", Measurement.digits(MILLIS * Measurement.median(seconds)));
        line.addProperty("batch", batch);
        line.addProperty("runs", seconds.size());
        line.addProperty("cpu_s", Measurement.digits(Collections.min(cpu)));
        line.addProperty("other_cpu", Measurement.digits(gauge.otherCpu()));
        line.addProperty("peak_rss_mib", gauge.peakMib());
        return line.toString();
    }

    /** How a package's steps are grouped. */
    enum Epochs {
        /** A step takes part of the examples. */
        MANY_STEPS,
        /** Every step takes all examples, as in mode head. */
        ONE_STEP,
        /** A step takes a random part, about as large, with differential privacy. */
        PRIVATE
    }

    /** Hears when steps end. */
    private final class StepTimes implements TrainingListener {
        private final long[] ends;
        private final double[] cpuEnds;

        StepTimes(int steps) {
            ends = new long[steps];
            cpuEnds = new double[steps];
        }

        @Override
        public boolean stepDone(int step, int stepsInAll) {
            if (stepsInAll != ends.length) {
                throw new ToolException(
                        Code.BAD_DATA,
                        "The package makes "
                                + stepsInAll
                                + " steps where "
                                + ends.length
                                + " were expected: its steps have not "
                                + rows
                                + " rows, or it has fewer epochs than --runs; give the right"
                                + " --rows, and --all-at-once for mode head");
            }
            ends[step - 1] = System.nanoTime();
            cpuEnds[step - 1] = ProcessGauge.cpuSeconds();
            if (step == ends.length - runs) {
                gauge.resetCpu();
            }
            return true;
        }

        @Override
        public boolean epochDone(int epoch, int epochsInAll, double validationLoss) {
            return true;
        }

        void expectAll() {
            if (ends[ends.length - 1] == 0) {
                throw new ToolException(
                        Code.BAD_DATA,
                        "The training ended before its last step, as packages with patience do;"
                                + " build one without");
            }
        }

        List<Double> seconds() {
            List<Double> seconds = new ArrayList<>();
            for (int step = ends.length - runs; step < ends.length; step++) {
                seconds.add((ends[step] - ends[step - 1]) / 1e9);
            }
            return seconds;
        }

        List<Double> cpu() {
            List<Double> seconds = new ArrayList<>();
            for (int step = cpuEnds.length - runs; step < cpuEnds.length; step++) {
                seconds.add(cpuEnds[step] - cpuEnds[step - 1]);
            }
            return seconds;
        }
    }
}
