package io.crosslm.coordinator.round;

import io.crosslm.coordinator.task.PreferenceSettings;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.evaluation.LastWords;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a tuned model keeps what the untuned one could. What an adapter did is measured
 * on the model's own texts and, where there are any, on general passages; from an adapter that did
 * too much the guard goes back towards the one that tuning began with. Confined to the thread that
 * tunes.
 */
final class AdapterGuard {
    /**
     * Free-running texts that the guard measures by; their seed is the task's, so that rounds
     * compare.
     */
    private static final int TEXTS = 32;

    private static final int TOKENS = 40;
    private static final int PASSAGES = 250;
    private static final int MAXIMUM_TRIES = 5;

    // Where the next try aims, as a share of a limit.
    private static final double AIM = 0.9;

    // Measured: at 1, 0.7 and 0.5 of an adapter 4.9, 2.7 and 1.8 %.
    private static final double LOSS_GROWTH = 1.5;

    // How far it may go back at once.
    private static final double SMALLEST_STEP = 0.85;
    private static final double LARGEST_STEP = 0.2;

    private final @Nullable LastWords passages;
    private LastWords.@Nullable Result untuned;

    /**
     * A guard.
     *
     * @param passages of general language; those from the back are used
     */
    AdapterGuard(Optional<LastWords> passages) {
        this.passages = passages.map(all -> all.last(PASSAGES)).orElse(null);
    }

    /**
     * Measures a tuned adapter and goes back towards the start until it keeps the limits.
     *
     * @param start that tuning began with
     * @param found what the guard found of the start; zeros for the untuned model
     */
    Verdict judge(
            LanguageModel model,
            Adapter start,
            Found found,
            Adapter tuned,
            PreferenceSettings settings,
            long textSeed) {
        double factor = 1;
        Verdict verdict = measure(model, tuned, factor, settings, textSeed);
        for (int tries = 1; tries < MAXIMUM_TRIES && !verdict.accepted(); tries++) {
            double room = verdict.room(settings, found);
            factor *= Math.max(LARGEST_STEP, Math.min(SMALLEST_STEP, room));
            verdict = measure(model, tuned.wayFrom(start, factor), factor, settings, textSeed);
        }
        return verdict;
    }

    private Verdict measure(
            LanguageModel model,
            Adapter adapter,
            double factor,
            PreferenceSettings settings,
            long textSeed) {
        double kl = model.divergence(adapter, TEXTS, TOKENS, textSeed);
        Double loss = exceeds(kl, settings.guardMaximumKl()) ? null : loss(model, adapter);
        return new Verdict(adapter, factor, kl, loss, reason(kl, loss, settings));
    }

    /** What is no number is above every limit: such a model writes nothing of use. */
    private static boolean exceeds(double value, double maximum) {
        return !Double.isFinite(value) || value > maximum;
    }

    /** Relative rise of the passages' negative log-likelihood; null without passages. */
    private @Nullable Double loss(LanguageModel model, Adapter adapter) {
        if (passages == null) {
            return null;
        }
        if (untuned == null) {
            untuned = passages.evaluate(model, Adapter.none());
        }
        return passages.evaluate(model, adapter).minus(untuned).mean()
                / untuned.negativeLogLikelihood().mean();
    }

    private static String reason(double kl, @Nullable Double loss, PreferenceSettings settings) {
        if (!Double.isFinite(kl) || loss != null && !Double.isFinite(loss)) {
            return "the guard rejected the adapter: what it does to the model's "
                    + (Double.isFinite(kl) ? "knowledge of general passages" : "own texts")
                    + " is infinite or not a number; lower tuning.learningRate in a task of another"
                    + " name";
        }
        if (exceeds(kl, settings.guardMaximumKl())) {
            return String.format(
                    Locale.ROOT,
                    "the guard rejected the adapter: it moved the model by %.4f nats a token on its"
                            + " own texts, at most %.4f are allowed (guardMaximumKl)",
                    kl,
                    settings.guardMaximumKl());
        }
        if (loss != null && exceeds(loss, settings.guardMaximumLoss())) {
            return String.format(
                    Locale.ROOT,
                    "the guard rejected the adapter: it raised the negative log-likelihood of"
                            + " general passages by %.2f %%, at most %.2f %% are allowed"
                            + " (guardMaximumLoss)",
                    100 * loss,
                    100 * settings.guardMaximumLoss());
        }
        return "";
    }

    /**
     * What the guard found.
     *
     * @param adapter as tuned, or on the way to it
     * @param factor how far on the way from the start it is; 1 is as tuned
     * @param kl mean over tokens of the model's own texts of KL(untuned || tuned), in nats
     * @param loss relative rise of the negative log-likelihood of general passages; null if it was
     *     not measured
     * @param reason why even the nearest adapter that was tried is rejected; else empty
     */
    record Verdict(
            Adapter adapter, double factor, double kl, @Nullable Double loss, String reason) {
        boolean accepted() {
            return reason.isEmpty();
        }

        /** For documents, which have no infinities; null if it is not finite. */
        @Nullable Double finiteKl() {
            return Double.isFinite(kl) ? kl : null;
        }

        /** For documents; null if it was not measured or is not finite. */
        @Nullable Double finiteLoss() {
            return loss != null && Double.isFinite(loss) ? loss : null;
        }

        /** Share of the way that should keep the limits; where on it they are is a guess. */
        private double room(PreferenceSettings settings, Found start) {
            double byKl =
                    room(
                            Math.sqrt(Math.max(0, start.kl())),
                            Math.sqrt(Math.max(0, kl)),
                            Math.sqrt(AIM * settings.guardMaximumKl()));
            if (loss == null) {
                return byKl;
            }
            double byLoss = room(start.loss(), loss, AIM * settings.guardMaximumLoss());
            return Math.min(byKl, Math.pow(Math.max(0, byLoss), 1 / LOSS_GROWTH));
        }

        private static double room(double start, double now, double aim) {
            if (!Double.isFinite(now)) {
                return 0;
            }
            return now <= aim || now <= start ? 1 : (aim - start) / (now - start);
        }
    }

    /** What the guard found of an adapter that is in use. */
    record Found(double kl, double loss) {
        static final Found NOTHING = new Found(0, 0);
    }
}
