package io.crosslm.tools.demo;

import io.crosslm.edge.data.Example;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PairedComparison;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.wire.SoftLabels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What each source of labels is worth: trains the silos' small models in this process, by the
 * devices' rules, with the pool labelled in different ways. It sees all private texts, so it
 * belongs into an experiment, never into the product.
 */
final class Ablation {
    /** A sample of a round with every annotator's opinion; a distribution over labels each. */
    record Opinions(
            int round,
            String text,
            int intended,
            float @Nullable [] llm,
            float @Nullable [] devices,
            float @Nullable [] fused) {}

    private final LocalModel model;
    private final List<String> labels;
    private final TrainingSettings settings;
    private final double threshold;

    /**
     * An ablation with an opened small model.
     *
     * @param threshold the pool takes samples whose best fused label reaches this probability
     */
    Ablation(LocalModel model, TrainingSettings settings, double threshold) {
        this.model = model;
        this.labels = model.labels();
        this.settings = settings;
        this.threshold = threshold;
    }

    /**
     * Accuracies by row name, one for each silo in the order of the splits.
     *
     * @param devices those silos, by their place, that have this model; the others' values are 0
     */
    Map<String, double[]> run(
            Splits splits, IntPredicate devices, List<Opinions> samples, int rounds) {
        Map<String, Source> sources = new LinkedHashMap<>();
        sources.put("askedLabels", Source.ASKED);
        sources.put("llmLabelsOnly", Source.LLM);
        sources.put("devicesOnly", Source.DEVICES);
        sources.put("ours", Source.FUSED);
        List<LabelledText> test = labelled(splits.test());
        int silos = splits.silos().size();
        Map<String, double[]> rows = new LinkedHashMap<>();
        rows.put("standalone", new double[silos]);
        sources.keySet().forEach(row -> rows.put(row, new double[silos]));
        int silo = 0;
        List<LabelledText> allTraining = new ArrayList<>();
        List<LabelledText> allValidation = new ArrayList<>();
        for (Splits.Silo examples : splits.silos().values()) {
            List<LabelledText> training = labelled(examples.training());
            List<LabelledText> validation = labelled(examples.validation());
            allTraining.addAll(training);
            allValidation.addAll(validation);
            if (!devices.test(silo)) {
                silo++;
                continue;
            }
            Trained standalone = train(training, validation, List.of(), test);
            set(rows, "standalone", silo, standalone);
            for (Map.Entry<String, Source> source : sources.entrySet()) {
                Trained app = standalone;
                for (int round = 1; round <= rounds; round++) {
                    List<SoftLabelledText> pool = pool(samples, source.getValue(), round);
                    Trained trained = train(training, validation, pool, test);
                    app = PairedComparison.of(app.right, trained.right).isWorse() ? app : trained;
                }
                set(rows, source.getKey(), silo, app);
            }
            silo++;
        }
        double pooled = train(allTraining, allValidation, List.of(), test).accuracy;
        double[] everywhere = new double[silos];
        Arrays.fill(everywhere, pooled);
        rows.put("pooled", everywhere);
        return rows;
    }

    private static void set(Map<String, double[]> rows, String row, int silo, Trained trained) {
        double[] values = rows.get(row);
        if (values == null) {
            throw new IllegalStateException("There is no row " + row);
        }
        values[silo] = trained.accuracy;
    }

    private record Trained(List<Boolean> right, double accuracy) {}

    private Trained train(
            List<LabelledText> training,
            List<LabelledText> validation,
            List<SoftLabelledText> pool,
            List<LabelledText> test) {
        model.train(
                new TrainingData(training, validation, pool), settings, TrainingListener.noop());
        long correct = right(test).stream().filter(r -> r).count();
        return new Trained(right(validation), (double) correct / test.size());
    }

    private List<Boolean> right(List<LabelledText> examples) {
        float[][] distributions = model.score(examples.stream().map(LabelledText::text).toList());
        List<Boolean> right = new ArrayList<>();
        for (int i = 0; i < distributions.length; i++) {
            right.add(best(distributions[i]) == examples.get(i).label());
        }
        return right;
    }

    private List<LabelledText> labelled(List<Example> examples) {
        return examples.stream()
                .map(e -> new LabelledText(e.text(), labels.indexOf(e.label())))
                .toList();
    }

    private enum Source {
        FUSED,
        ASKED,
        LLM,
        DEVICES
    }

    /**
     * The pool after a round. Fused labels count from the threshold on, as in the product; the
     * other sources keep every text, for a threshold would leave some of them next to nothing.
     */
    private List<SoftLabelledText> pool(List<Opinions> samples, Source source, int round) {
        List<SoftLabelledText> pool = new ArrayList<>();
        for (Opinions sample : samples) {
            float[] label =
                    switch (source) {
                        case FUSED -> sample.fused;
                        case LLM -> sample.llm;
                        case DEVICES -> sample.devices;
                        case ASKED -> oneHot(sample.intended);
                    };
            boolean enough =
                    label != null && (source != Source.FUSED || label[best(label)] > threshold);
            if (sample.round <= round && label != null && enough) {
                // As devices get it: a byte for each probability.
                float[] travelled = SoftLabels.decode(SoftLabels.encode(label));
                pool.add(new SoftLabelledText(sample.text, travelled));
            }
        }
        return pool;
    }

    private float[] oneHot(int label) {
        float[] distribution = new float[labels.size()];
        distribution[label] = 1;
        return distribution;
    }

    private static int best(float[] distribution) {
        int best = 0;
        for (int i = 1; i < distribution.length; i++) {
            if (distribution[i] > distribution[best]) {
                best = i;
            }
        }
        return best;
    }
}
