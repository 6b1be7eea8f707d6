package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The steps of one tuning job. Confined to the model's thread. */
final class TuningRun {
    /** Tokens of one backward pass: about 1.5 GB of activations for a model of 135 M weights. */
    private static final int TOKENS_AT_ONCE = 512;

    private final Trainer trainer;
    private final TuningSettings settings;
    private final TuningData data;
    private final float[][] references;
    private final @Nullable ReplayTexts replay;
    private final TuningListener listener;
    private final Random random;

    /**
     * A run.
     *
     * @param references untuned log-probabilities of each pair's two texts
     * @param replay null turns replay off
     */
    TuningRun(
            Trainer trainer,
            TuningJob job,
            TuningData data,
            float[][] references,
            @Nullable ReplayTexts replay,
            TuningListener listener) {
        this.trainer = trainer;
        this.settings = job.settings();
        this.data = data;
        this.references = references;
        this.replay = replay;
        this.listener = listener;
        random = new Random(job.seed());
    }

    TuningResult run() {
        boolean pairs = data.pairCount() > 0;
        int perStep = pairs ? settings.pairsPerStep() : settings.labelsPerStep();
        int items = pairs ? data.pairCount() : data.labelCount();
        int stepsPerPass = (items + perStep - 1) / perStep;
        int steps = stepsPerPass * settings.passes();
        Deck pairDeck = new Deck(data.pairCount());
        Deck labelDeck = new Deck(data.labelCount());
        Deck replayDeck = new Deck(replay == null ? 0 : replay.count());
        double[] losses = new double[steps];
        double[] kls = new double[steps];
        for (int step = 0; step < steps; step++) {
            // A pass ends with a smaller step where the count does not divide.
            int left = items - step % stepsPerPass * perStep;
            double loss = 0;
            if (pairs) {
                loss += preference(pairDeck.draw(Math.min(perStep, left)));
            }
            if (data.labelCount() > 0 && settings.labelWeight() > 0) {
                int count = pairs ? settings.labelsPerStep() : Math.min(perStep, left);
                loss += labels(labelDeck.draw(count));
            }
            if (replay != null) {
                kls[step] = replay(replay, replayDeck.draw(settings.replayPerStep()));
                loss += settings.replayWeight() * kls[step];
            }
            double norm = trainer.step(settings.clipNorm(), settings.learningRate());
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new LanguageModelException(
                        Code.NOT_FINITE,
                        "The loss of step "
                                + (step + 1)
                                + " is "
                                + loss
                                + " and its gradient's norm "
                                + norm
                                + ": lower the learning rate");
            }
            losses[step] = loss;
            if (!listener.stepped(step + 1, steps, loss)) {
                throw new LanguageModelException(
                        Code.CANCELLED, "Tuning was cancelled after step " + (step + 1));
            }
        }
        int quarter = Math.max(1, steps / 4);
        return new TuningResult(
                trainer.adapter().toAdapter(),
                steps,
                mean(losses, 0, quarter),
                mean(losses, steps - quarter, steps),
                mean(kls, steps - quarter, steps));
    }

    private double preference(List<Integer> chosen) {
        int tokens = 0;
        for (int pair : chosen) {
            tokens += data.pair(pair).branches().get(0).length;
        }
        double loss = 0;
        for (List<Integer> part : parts(chosen, data::pair)) {
            PackedBatch batch = new PackedBatch();
            float[] reference = new float[2 * part.size()];
            for (int pair : part) {
                System.arraycopy(references[pair], 0, reference, 2 * batch.rowCount(), 2);
                batch.add(data.pair(pair).context(), data.pair(pair).branches());
            }
            loss +=
                    trainer.preference(
                            batch,
                            reference,
                            chosen.size(),
                            tokens,
                            settings.beta(),
                            settings.sftWeight());
        }
        return loss;
    }

    private double labels(List<Integer> chosen) {
        double loss = 0;
        for (List<Integer> part : parts(chosen, data::label)) {
            PackedBatch batch = new PackedBatch();
            int words = data.softLabel(part.get(0)).size();
            float[] soft = new float[part.size() * words];
            for (int label : part) {
                for (int word = 0; word < words; word++) {
                    soft[batch.rowCount() * words + word] =
                            data.softLabel(label).get(word).floatValue();
                }
                batch.add(data.label(label).context(), data.label(label).branches());
            }
            loss += trainer.labels(batch, soft, chosen.size() / settings.labelWeight());
        }
        return loss;
    }

    private double replay(ReplayTexts texts, List<Integer> chosen) {
        int atOnce = Math.max(1, TOKENS_AT_ONCE / texts.length());
        double tokens = (double) chosen.size() * texts.length();
        double loss = 0;
        for (int from = 0; from < chosen.size(); from += atOnce) {
            List<Integer> part = chosen.subList(from, Math.min(chosen.size(), from + atOnce));
            int[] rows = part.stream().mapToInt(i -> i).toArray();
            loss += trainer.replay(texts, rows, tokens / settings.replayWeight());
        }
        return loss / settings.replayWeight();
    }

    private interface Items {
        Likelihoods.Item item(int index);
    }

    /** Parts whose activations fit; the order is kept. */
    private static List<List<Integer>> parts(List<Integer> chosen, Items items) {
        List<List<Integer>> parts = new ArrayList<>();
        List<Integer> part = new ArrayList<>();
        int width = 0;
        for (int index : chosen) {
            int wider = Math.max(width, items.item(index).length());
            if (!part.isEmpty() && (part.size() + 1) * wider > TOKENS_AT_ONCE) {
                parts.add(part);
                part = new ArrayList<>();
                wider = items.item(index).length();
            }
            part.add(index);
            width = wider;
        }
        parts.add(part);
        return parts;
    }

    private static double mean(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum / (to - from);
    }

    /** Draws indices in random order, shuffled anew whenever all were drawn. */
    private final class Deck {
        private final List<Integer> cards;
        private int next;

        Deck(int count) {
            cards = new ArrayList<>(IntStream.range(0, count).boxed().toList());
            next = count;
        }

        List<Integer> draw(int count) {
            List<Integer> drawn = new ArrayList<>();
            while (drawn.size() < Math.min(count, cards.size())) {
                if (next == cards.size()) {
                    Collections.shuffle(cards, random);
                    next = 0;
                }
                drawn.add(cards.get(next++));
            }
            return drawn;
        }
    }
}
