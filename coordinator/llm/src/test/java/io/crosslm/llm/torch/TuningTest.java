package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.OptimiserSettings.Schedule;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.PreferenceLoss.Kind;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TextExample;
import io.crosslm.llm.TextExample.Rating;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses, dropout, the course of the rate, and jobs that go on where they stopped. */
final class TuningTest extends SmallModelTest {
    private static final TuningSettings SETTINGS =
            TuningSettings.defaults()
                    .withLora(LoraSettings.defaults().withRank(4, 8))
                    .withOptimiser(OptimiserSettings.defaults().withLearningRate(1e-2))
                    .withReplay(ReplaySettings.off());

    static List<PreferencePair> pairs() {
        List<PreferencePair> pairs = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pairs.add(new PreferencePair("Write " + i + ":", " good\n", " bad things\n"));
        }
        return pairs;
    }

    private static double likelihood(String completion, Adapter adapter) {
        return model.logLikelihoods(List.of("Write 3:"), List.of(completion), adapter)[0][0];
    }

    private static double margin(Adapter adapter) {
        return likelihood(" good\n", adapter) - likelihood(" bad things\n", adapter);
    }

    @Test
    void ipo_firstLoss_isTheFormulas() {
        PreferenceLoss ipo = new PreferenceLoss(Kind.IPO, 0.1, 0);

        TuningResult result =
                model.tune(
                        TuningJob.ofPairs(pairs(), SETTINGS.withPreference(ipo), 1),
                        TuningListener.noop());

        // A fresh adapter changes nothing, so both ratios are 0: (1 / (2 beta))^2.
        List<Double> losses = new ArrayList<>();
        model.tune(
                TuningJob.ofPairs(pairs(), SETTINGS.withPreference(ipo), 1),
                (step, all, loss) -> losses.add(loss));
        assertThat(losses.get(0)).isCloseTo(25, within(1e-3));
        assertThat(margin(result.adapter())).isGreaterThan(margin(Adapter.none()));
    }

    @Test
    void kto_pairs_movesBothCompletions() {
        PreferenceLoss kto = new PreferenceLoss(Kind.KTO, 0.1, 0);

        Adapter tuned =
                model.tune(
                                TuningJob.ofPairs(pairs(), SETTINGS.withPreference(kto), 1),
                                TuningListener.noop())
                        .adapter();

        assertThat(margin(tuned)).isGreaterThan(margin(Adapter.none()));
    }

    @Test
    void kto_undesirableTextsAlone_becomeLessLikely() {
        List<TextExample> texts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            texts.add(new TextExample("Write " + i + ":", " good\n", Rating.UNDESIRABLE));
        }
        TuningSettings settings = SETTINGS.withPreference(new PreferenceLoss(Kind.KTO, 0.1, 0));

        Adapter tuned =
                model.tune(TuningJob.ofTexts(texts, settings, 1), TuningListener.noop()).adapter();

        assertThat(likelihood(" good\n", tuned)).isLessThan(likelihood(" good\n", Adapter.none()));
    }

    @Test
    void texts_becomeMoreLikely() {
        List<TextExample> texts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            texts.add(TextExample.of("Write " + i + ":", " good\n"));
        }

        Adapter tuned =
                model.tune(TuningJob.ofTexts(texts, SETTINGS, 1), TuningListener.noop()).adapter();

        assertThat(likelihood(" good\n", tuned))
                .isGreaterThan(likelihood(" good\n", Adapter.none()) + 1);
    }

    @Test
    void undesirableText_withoutKto_isRefused() {
        TuningJob job =
                TuningJob.ofTexts(
                        List.of(new TextExample("a", "b", Rating.UNDESIRABLE)), SETTINGS, 1);

        assertThatThrownBy(() -> model.tune(job, TuningListener.noop()))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_INPUT))
                .hasMessageContaining("KTO");
    }

    @Test
    void tokensAtOnce_doNotChangeTheResult() {
        TuningSettings small = SETTINGS.withOptimiser(SETTINGS.optimiser().withTokensAtOnce(1));

        Adapter whole =
                model.tune(TuningJob.ofPairs(pairs(), SETTINGS, 1), TuningListener.noop())
                        .adapter();
        Adapter parts =
                model.tune(TuningJob.ofPairs(pairs(), small, 1), TuningListener.noop()).adapter();

        assertThat(margin(parts)).isCloseTo(margin(whole), within(1e-2));
    }

    @Test
    void dropout_changesTraining_andIsRepeatable() {
        TuningSettings dropping = SETTINGS.withLora(SETTINGS.lora().withDropout(0.3));
        TuningJob job = TuningJob.ofPairs(pairs(), dropping, 1);

        float[] first = anyMatrix(model.tune(job, TuningListener.noop()).adapter());
        float[] again = anyMatrix(model.tune(job, TuningListener.noop()).adapter());
        float[] plain =
                anyMatrix(
                        model.tune(TuningJob.ofPairs(pairs(), SETTINGS, 1), TuningListener.noop())
                                .adapter());

        assertThat(again).containsExactly(first);
        assertThat(plain).isNotEqualTo(first);
    }

    private static float[] anyMatrix(Adapter adapter) {
        return adapter.matrices("model.layers.1.mlp.down_proj").b();
    }

    @Test
    void rate_warmUpAndCosine_riseAndFall() {
        OptimiserSettings settings =
                OptimiserSettings.defaults().withLearningRate(1).withSchedule(Schedule.COSINE, 0.2);

        assertThat(settings.rate(0, 10)).isCloseTo(0.5, within(1e-12));
        assertThat(settings.rate(1, 10)).isCloseTo(1, within(1e-12));
        assertThat(settings.rate(2, 10)).isCloseTo(1, within(1e-12));
        assertThat(settings.rate(6, 10)).isCloseTo(0.5, within(1e-12));
        assertThat(settings.rate(9, 10)).isBetween(0.0, 0.05);
    }

    @Test
    void tooHighRate_namesStepAndBatch() {
        TuningSettings wild = SETTINGS.withOptimiser(SETTINGS.optimiser().withLearningRate(1e38));

        assertThatThrownBy(
                        () ->
                                model.tune(
                                        TuningJob.ofPairs(pairs(), wild, 1), TuningListener.noop()))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.NOT_FINITE))
                .hasMessageContaining("step 2")
                .hasMessageContaining("items [");
    }

    @Test
    void stoppedJob_goesOnToTheSameBits(@TempDir Path checkpoints) throws IOException {
        TuningSettings dropping = SETTINGS.withLora(SETTINGS.lora().withDropout(0.1));
        TuningJob job = TuningJob.ofPairs(pairs(), dropping, 7);
        Adapter whole = model.tune(job, TuningListener.noop()).adapter();
        TuningCheckpoints everyStep = TuningCheckpoints.in(checkpoints, Duration.ZERO);
        assertThatThrownBy(() -> model.tune(job, everyStep, (step, all, loss) -> step < 3))
                .hasMessageContaining("step 3");
        List<Integer> steps = new ArrayList<>();

        Adapter resumed =
                model.tune(job, everyStep, (step, all, loss) -> steps.add(step)).adapter();

        assertThat(steps).containsExactly(4, 5, 6);
        for (String layer : whole.layers()) {
            assertThat(resumed.matrices(layer).a()).containsExactly(whole.matrices(layer).a());
            assertThat(resumed.matrices(layer).b()).containsExactly(whole.matrices(layer).b());
        }
        assertThat(files(checkpoints)).isEmpty();
    }

    @Test
    void otherJob_doesNotGoOnFromAStoppedOne(@TempDir Path checkpoints) throws IOException {
        TuningCheckpoints everyStep = TuningCheckpoints.in(checkpoints, Duration.ZERO);
        TuningJob stopped = TuningJob.ofPairs(pairs(), SETTINGS, 7);
        assertThatThrownBy(() -> model.tune(stopped, everyStep, (step, all, loss) -> step < 3))
                .isInstanceOf(LanguageModelException.class);
        List<Integer> steps = new ArrayList<>();

        model.tune(
                TuningJob.ofPairs(pairs(), SETTINGS, 8),
                everyStep,
                (step, all, loss) -> steps.add(step));

        assertThat(steps.get(0)).isEqualTo(1);
        assertThat(files(checkpoints)).hasSize(1);
    }

    @Test
    void damagedCheckpoint_beginsAnew(@TempDir Path checkpoints) throws IOException {
        TuningCheckpoints everyStep = TuningCheckpoints.in(checkpoints, Duration.ZERO);
        TuningJob job = TuningJob.ofPairs(pairs(), SETTINGS, 7);
        assertThatThrownBy(() -> model.tune(job, everyStep, (step, all, loss) -> step < 3))
                .isInstanceOf(LanguageModelException.class);
        Path file = files(checkpoints).get(0);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        List<Integer> steps = new ArrayList<>();

        model.tune(job, everyStep, (step, all, loss) -> steps.add(step));

        assertThat(steps.get(0)).isEqualTo(1);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
