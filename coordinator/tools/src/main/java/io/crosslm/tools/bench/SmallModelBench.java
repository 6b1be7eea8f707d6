package io.crosslm.tools.bench;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import java.util.ArrayList;
import java.util.List;

/** Speed of a small model at what a device does with it: training, and scoring a batch. */
final class SmallModelBench {
    private static final int MOST_WORDS = 25;
    private static final String[] WORDS =
            ("the repair of my old bicycle took three weeks and nobody answered when I"
                            + " called again about a broken screen which still does not work but your friendly"
                            + " staff was quick to offer an appointment on Monday morning for fair price")
                    .split(" ");

    private final LocalModel model;
    private final BenchOutput out;

    SmallModelBench(LocalModel model, BenchOutput out) {
        this.model = model;
        this.out = out;
    }

    /**
     * Trains on texts, with half as many to validate, and scores others, of 8 words and more.
     *
     * @param examples to train on
     * @param pool rows of the pool beside the private ones
     * @param scored texts
     */
    void run(int epochs, int examples, int pool, int scored) {
        long start = System.nanoTime();
        TrainingSummary summary =
                model.train(
                        data(model.labels().size(), examples, pool),
                        new TrainingSettings(TrainingSettings.DEFAULT_POOL_WEIGHT, epochs, 1),
                        TrainingListener.noop());
        out.line(
                "train %d epochs on %d + %d texts and %d of the pool: %.2f s",
                summary.epochs(), examples, examples / 2, pool, BenchOutput.seconds(start));
        start = System.nanoTime();
        model.score(texts(1_000_000, scored));
        out.line("score %d texts: %.2f s", scored, BenchOutput.seconds(start));
    }

    private static TrainingData data(int labels, int count, int pool) {
        List<LabelledText> examples = new ArrayList<>();
        for (String text : texts(0, count + count / 2)) {
            examples.add(new LabelledText(text, examples.size() % labels));
        }
        List<SoftLabelledText> soft = new ArrayList<>();
        for (String text : texts(500_000, pool)) {
            float[] q = new float[labels];
            q[soft.size() % labels] = 1;
            soft.add(new SoftLabelledText(text, q));
        }
        return new TrainingData(
                examples.subList(0, count), examples.subList(count, examples.size()), soft);
    }

    /** Different texts of 8 words and more. */
    private static List<String> texts(int from, int count) {
        List<String> texts = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            StringBuilder text = new StringBuilder("Order " + i);
            for (int k = 0; k < 6 + i % (MOST_WORDS - 7); k++) {
                text.append(' ').append(WORDS[(i * 7 + k * (1 + i % 5)) % WORDS.length]);
            }
            texts.add(text.append('.').toString());
        }
        return texts;
    }
}
