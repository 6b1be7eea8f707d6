package io.crosslm.coordinator.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.testkit.golden.Goldens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FusionTest {
    private static final Offset<Double> TOLERANCE = within(1e-9);
    private static final double[] NOT_SCORED = {};

    @ParameterizedTest
    @ValueSource(strings = {"binary", "hostile", "silentAndSixLabels"})
    void fuse_goldenCase_givesTheReferencesNumbers(String name) {
        JsonObject golden =
                Goldens.json("fusion.json").getAsJsonObject("cases").getAsJsonObject(name);

        FusedBatch fused = fuse(golden);

        assertThat(fused.iterations()).isEqualTo(golden.get("iterations").getAsInt());
        assertThat(fused.fallback()).isEqualTo(FusionFallback.NONE);
        double[] reliabilities = Goldens.numbers(golden.get("reliability"));
        for (int a = 0; a < fused.deviceReliabilities().size(); a++) {
            assertThat(fused.deviceReliabilities().get(a)).isCloseTo(reliabilities[a], TOLERANCE);
        }
        int devices = fused.deviceReliabilities().size();
        assertThat(fused.languageModelReliability().getAsDouble())
                .isCloseTo(reliabilities[devices], TOLERANCE);
        assertThat(fused.intentReliability()).isCloseTo(reliabilities[devices + 1], TOLERANCE);
        double[] weights = Goldens.numbers(golden.get("deviceWeights"));
        for (int a = 0; a < devices; a++) {
            assertThat(fused.deviceWeights().get(a)).isCloseTo(weights[a], TOLERANCE);
        }
        assertRows(fused.dawidSkene(), golden.getAsJsonArray("dawidSkene"));
        assertRows(fused.product(), golden.getAsJsonArray("product"));
        assertRows(fused.fused(), golden.getAsJsonArray("fused"));
    }

    @Test
    void fuse_mostAnnotatorsContradictEachOther_fallsBackToEqualWeights() {
        int samples = 60;
        List<Opinions> devices = new ArrayList<>();
        for (int device = 0; device < 3; device++) {
            int pattern = device;
            // Votes that have nothing to do with each other: bit patterns of different periods.
            devices.add(opinions(samples, i -> i / (1 << pattern) % 2));
        }
        Opinions languageModel = opinions(samples, i -> i / 8 % 2);

        FusedBatch fused = Fusion.fuse(devices, languageModel, labels(samples, i -> i / 16 % 2));

        assertThat(fused.fallback()).isEqualTo(FusionFallback.AT_CHANCE);
        assertThat(fused.deviceWeights())
                .allSatisfy(w -> assertThat(w).isCloseTo(2.0 / 3, TOLERANCE));
        assertRowsSumToOne(fused.fused());
    }

    @Test
    void check_labelsExchanged_isSwitched() {
        double[][] start = {{0.9, 0.1}, {0.2, 0.8}, {0.7, 0.3}, {0.3, 0.7}};
        double[][] exchanged = {{0.1, 0.9}, {0.9, 0.1}, {0.2, 0.8}, {0.8, 0.2}};

        assertThat(FusionFallback.check(start, exchanged, new double[] {0.9, 0.9, 0.9}, 2))
                .isEqualTo(FusionFallback.LABELS_SWITCHED);
    }

    @Test
    void fuse_intentAtChance_isNoFallback() {
        int samples = 60;
        List<Opinions> devices =
                List.of(opinions(samples, i -> i % 3), opinions(samples, i -> i % 3));

        FusedBatch fused =
                Fusion.fuse(
                        devices, opinions(samples, i -> i % 3), labels(samples, i -> i / 3 % 3));

        assertThat(fused.fallback()).isEqualTo(FusionFallback.NONE);
        assertThat(fused.intentReliability()).isCloseTo(1.0 / 3, within(0.01));
    }

    @Test
    void fuse_noDevice_usesModelAndIntent() {
        FusedBatch fused = Fusion.fuse(List.of(), opinions(40, i -> i % 2), labels(40, i -> i % 2));

        assertThat(fused.fused().vote(0)).hasValue(0);
        assertThat(fused.fused().vote(1)).hasValue(1);
    }

    @Test
    void fuse_silentLanguageModel_countsAsNoAnnotator() {
        int samples = 60;
        List<Opinions> devices = new ArrayList<>();
        for (int device = 0; device < 3; device++) {
            int wrong = device;
            devices.add(opinions(samples, i -> i % 9 == wrong ? 1 - i % 2 : i % 2));
        }
        Opinions silent = Opinions.none(samples, 2);

        FusedBatch fused =
                Fusion.fuse(devices, silent, labels(samples, i -> i % 4 == 3 ? 0 : i % 2));

        assertThat(fused.languageModelReliability()).isEmpty();
        assertThat(fused.deviceReliabilities()).hasSize(3).allMatch(r -> r > 0.75);
        assertThat(fused.intentReliability()).isBetween(0.6, 0.85);
        assertThat(fused.fallback()).isEqualTo(FusionFallback.NONE);
        for (int i = 0; i < samples; i++) {
            assertThat(fused.fused().vote(i)).hasValue(i % 2);
        }
    }

    @Test
    void fuse_samplesThatNobodyScored_areAsLikelyAsTheAskedForLabelIsRight() {
        double[][] rows = new double[60][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i < 50 ? new double[] {1 - i % 2, i % 2} : NOT_SCORED;
        }

        FusedBatch fused =
                Fusion.fuse(
                        List.of(Opinions.of(2, rows), Opinions.of(2, rows)),
                        Opinions.none(60, 2),
                        labels(60, i -> i % 2));

        assertRowsSumToOne(fused.fused());
        assertThat(fused.fused().vote(50)).hasValue(0);
        assertThat(fused.fused().vote(51)).hasValue(1);
        assertThat(fused.fused().confidence(51)).isLessThan(fused.fused().confidence(1));
    }

    @Test
    void fuse_languageModelWithSomeOpinions_isRefused() {
        Opinions some = Opinions.of(2, new double[][] {{0.5, 0.5}, NOT_SCORED});

        assertThatThrownBy(() -> Fusion.fuse(List.of(), some, new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none of sample 1");
    }

    @Test
    void fuse_deviceWithOtherBatchSize_isRefused() {
        assertThatThrownBy(
                        () ->
                                Fusion.fuse(
                                        List.of(opinions(3, i -> 0)),
                                        opinions(4, i -> 0),
                                        new int[4]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 samples");
    }

    private static FusedBatch fuse(JsonObject golden) {
        int samples = golden.get("samples").getAsInt();
        int labels = golden.get("labels").getAsInt();
        double[] skills = Goldens.numbers(golden.get("skills"));
        double[][][] rows = new double[skills.length][][];
        for (int a = 0; a < skills.length; a++) {
            int annotator = a == skills.length - 1 ? 99 : a;
            rows[a] = formula(samples, labels, annotator, skills[a]);
        }
        for (var silent : golden.getAsJsonArray("silent")) {
            int[] deviceAndStart = Goldens.ids(silent);
            Arrays.fill(rows[deviceAndStart[0]], deviceAndStart[1], samples, NOT_SCORED);
        }
        List<Opinions> devices = new ArrayList<>();
        for (int a = 0; a < skills.length - 1; a++) {
            devices.add(Opinions.of(labels, rows[a]));
        }
        int shift = golden.get("askedShiftEvery").getAsInt();
        int[] asked = labels(samples, i -> (i + (i % shift == 0 ? 1 : 0)) % labels);
        return Fusion.fuse(devices, Opinions.of(labels, rows[skills.length - 1]), asked);
    }

    private static double[][] formula(int samples, int labels, int annotator, double skill) {
        double[][] rows = new double[samples][labels];
        for (int i = 0; i < samples; i++) {
            for (int c = 0; c < labels; c++) {
                rows[i][c] =
                        Math.sin(1 + 0.7 * i + 1.3 * c + 2.1 * annotator + 0.11 * i * c)
                                + (c == i % labels ? skill : 0);
            }
            Distributions.softmax(rows[i]);
        }
        return rows;
    }

    private static Opinions opinions(int samples, java.util.function.IntUnaryOperator label) {
        int[] labels = labels(samples, label);
        int count = Math.max(2, Arrays.stream(labels).max().orElseThrow() + 1);
        double[][] rows = new double[samples][count];
        for (int i = 0; i < samples; i++) {
            Arrays.fill(rows[i], 0.2 / (count - 1));
            rows[i][labels[i]] = 0.8;
        }
        return Opinions.of(count, rows);
    }

    private static int[] labels(int samples, java.util.function.IntUnaryOperator label) {
        int[] labels = new int[samples];
        Arrays.setAll(labels, label);
        return labels;
    }

    private static void assertRows(Opinions actual, JsonArray expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.row(i)).containsExactly(Goldens.numbers(expected.get(i)), TOLERANCE);
        }
    }

    private static void assertRowsSumToOne(Opinions opinions) {
        for (int i = 0; i < opinions.sampleCount(); i++) {
            assertThat(Arrays.stream(opinions.row(i)).sum()).isCloseTo(1, TOLERANCE);
        }
    }
}
