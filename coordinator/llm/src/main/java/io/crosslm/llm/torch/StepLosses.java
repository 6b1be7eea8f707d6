package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.TextExample.Rating;
import io.crosslm.llm.TuningSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Losses of one step's items, each in parts whose activations fit; their gradients add up in the
 * trainer. Confined to the model's thread.
 */
final class StepLosses {
    private final Decoder decoder;
    private final Trainer trainer;
    private final TuningSettings settings;
    private final TuningData data;
    private final float[][] references;

    /**
     * Losses of a job.
     *
     * @param references untuned log-probabilities of each item's completions
     */
    StepLosses(
            Decoder decoder,
            Trainer trainer,
            TuningSettings settings,
            TuningData data,
            float[][] references) {
        this.decoder = decoder;
        this.trainer = trainer;
        this.settings = settings;
        this.data = data;
        this.references = references;
    }

    /** Loss of some of the job's items. */
    double items(List<Integer> chosen) {
        switch (data.kind()) {
            case PAIRS:
                return pairs(chosen);
            case RATED:
                return rated(chosen, Math.max(0, kl(chosen)));
            case TEXTS:
                return texts(chosen);
            default:
                return 0;
        }
    }

    private double pairs(List<Integer> chosen) {
        int tokens = firstTokens(chosen);
        double loss = 0;
        for (List<Integer> part : parts(chosen, data::item)) {
            PackedBatch batch = new PackedBatch();
            float[] reference = new float[2 * part.size()];
            for (int pair : part) {
                System.arraycopy(references[pair], 0, reference, 2 * batch.rowCount(), 2);
                batch.add(data.item(pair).context(), data.item(pair).branches());
            }
            loss +=
                    trainer.preference(
                            batch, reference, chosen.size(), tokens, settings.preference());
        }
        return loss;
    }

    private double texts(List<Integer> chosen) {
        int tokens = firstTokens(chosen);
        double loss = 0;
        for (List<Integer> part : parts(chosen, data::item)) {
            PackedBatch batch = new PackedBatch();
            part.forEach(i -> batch.add(data.item(i).context(), data.item(i).branches()));
            loss += trainer.likelihood(batch, tokens);
        }
        return loss;
    }

    /** KTO with this reference point. */
    double rated(List<Integer> chosen, double kl) {
        double[] klAndBeta = {kl, settings.preference().beta()};
        double loss = 0;
        for (List<Integer> part : parts(chosen, data::item)) {
            PackedBatch batch = new PackedBatch();
            float[] reference = new float[part.size()];
            float[] signs = new float[part.size()];
            for (int i : part) {
                reference[batch.rowCount()] = references[i][0];
                signs[batch.rowCount()] = data.rating(i) == Rating.DESIRABLE ? 1 : -1;
                batch.add(data.item(i).context(), data.item(i).branches());
            }
            loss += trainer.rated(batch, reference, signs, klAndBeta, chosen.size());
        }
        return loss;
    }

    /**
     * Mean log-ratio of tuned to untuned model of completions that do not belong to their prompts:
     * each gets the one of the item before it, the first one that of the last.
     */
    private double kl(List<Integer> chosen) {
        if (chosen.size() < 2) {
            return 0;
        }
        List<Likelihoods.Item> mixed = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            int before = chosen.get((i + chosen.size() - 1) % chosen.size());
            mixed.add(
                    new Likelihoods.Item(
                            data.item(chosen.get(i)).context(), data.item(before).branches()));
        }
        return (sum(trainer.scores(mixed))
                        - sum(
                                new Likelihoods(decoder, decoder.adapter(Adapter.none()))
                                        .scores(mixed)))
                / chosen.size();
    }

    private static double sum(List<List<ContinuationScore>> scores) {
        return scores.stream().mapToDouble(item -> item.get(0).logLikelihood()).sum();
    }

    private int firstTokens(List<Integer> chosen) {
        return chosen.stream().mapToInt(i -> data.item(i).branches().get(0).length).sum();
    }

    /** Cross-entropy of some label examples. */
    double labels(List<Integer> chosen) {
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

    /** Mean KL a token from the untuned to the tuned model on some replay texts. */
    double replay(ReplayTexts texts, List<Integer> chosen) {
        double weight = settings.replay().weight();
        int atOnce = Math.max(1, settings.optimiser().tokensAtOnce() / texts.length());
        double tokens = (double) chosen.size() * texts.length();
        double loss = 0;
        for (int from = 0; from < chosen.size(); from += atOnce) {
            List<Integer> part = chosen.subList(from, Math.min(chosen.size(), from + atOnce));
            int[] rows = part.stream().mapToInt(i -> i).toArray();
            loss += trainer.replay(texts, rows, tokens / weight);
        }
        return loss / weight;
    }

    /** Parts whose activations fit; the order is kept. */
    private List<List<Integer>> parts(List<Integer> chosen, IntFunction<Likelihoods.Item> items) {
        List<List<Integer>> parts = new ArrayList<>();
        List<Integer> part = new ArrayList<>();
        int width = 0;
        for (int index : chosen) {
            int length = items.apply(index).length();
            int wider = Math.max(width, length);
            if (!part.isEmpty()
                    && (part.size() + 1L) * wider > settings.optimiser().tokensAtOnce()) {
                parts.add(part);
                part = new ArrayList<>();
                wider = length;
            }
            part.add(index);
            width = wider;
        }
        parts.add(part);
        return parts;
    }
}
