package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.FormulaModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.torch.MemoryPlan.Phase;
import io.crosslm.llm.torch.TorchSettings.DataType;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The formula model: 18,624 weights, 2 layers, C 32, F 48, 4 and 2 heads of 8, V 97. */
final class MemoryPlanTest {
    private static final TorchSettings FP32 = TorchSettings.defaults();
    private static final TorchSettings BF16 = FP32.withDataType(DataType.BF16);

    @TempDir private Path folder;
    private ModelFiles files;

    @BeforeEach
    void open() {
        files = ModelFiles.open(FormulaLlama.copy(folder));
    }

    @AfterEach
    void close() {
        files.close();
    }

    private static MemorySource available(long bytes) {
        return () -> OptionalLong.of(bytes);
    }

    private MemoryPlan plan(TorchSettings settings, ModelWorkload workload) {
        return MemoryPlan.of(files, settings, workload);
    }

    private static long bytes(MemoryPlan plan, Phase phase, String name) {
        return plan.parts().stream()
                .filter(part -> part.phase() == phase && part.name().equals(name))
                .mapToLong(MemoryPlan.Part::bytes)
                .sum();
    }

    @Test
    void of_formulaModel_countsEveryPart() {
        ModelWorkload work = new ModelWorkload(3, 10, 20, 5, 4, Set.of("q_proj", "v_proj"));
        MemoryPlan plan = plan(FP32, work);

        assertThat(bytes(plan, Phase.LOADED, "weights")).isEqualTo(4 * 18_624);
        int layer = 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48;
        assertThat(bytes(plan, Phase.GENERATING, "packed matrices"))
                .isEqualTo((97 * 32 + 2 * layer) * 4);
        assertThat(bytes(plan, Phase.GENERATING, "keys and values"))
                .isEqualTo(2 * 2 * 2 * 2 * 8 * 3 * 10 * 4);
        assertThat(bytes(plan, Phase.GENERATING, "prompts")).isEqualTo(3 * (32 + 48) * 30 * 4);
        assertThat(bytes(plan, Phase.GENERATING, "attention masks"))
                .isEqualTo((2 * 4 + 1) * 2 * 30 * 10);
        assertThat(bytes(plan, Phase.GENERATING, "logits")).isEqualTo(4 * 4 * 3 * 97);
        assertThat(bytes(plan, Phase.TUNING, "adapter")).isEqualTo(4 * (32 + 32 + 32 + 16) * 2 * 4);
        assertThat(bytes(plan, Phase.TUNING, "optimiser"))
                .isEqualTo(2 * bytes(plan, Phase.TUNING, "adapter"));
        assertThat(bytes(plan, Phase.TUNING, "activations"))
                .isEqualTo(Math.round(1.85 * (4 * 32 + 3 * 32 + 2 * 16 + 4 * 48) * 2 * 20 * 4));
        assertThat(bytes(plan, Phase.TUNING, "logits")).isEqualTo(4 * 4 * 5 * 97);
    }

    /** One prompt is read as a whole, and each of its tokens looks at all before it. */
    @Test
    void of_promptOfManyTokens_countsItsTokensSquared() {
        MemoryPlan plan = plan(FP32, new ModelWorkload(1, 8192, 0, 0, 0, Set.of()));

        assertThat(bytes(plan, Phase.GENERATING, "attention masks"))
                .isEqualTo((2 * 4 + 1) * 2 * 8192L * 8192);
        assertThat(bytes(plan, Phase.GENERATING, "prompts")).isEqualTo(3 * (32 + 48) * 8192 * 4);
    }

    @Test
    void of_slidingWindow_countsASecondMaskForLongerTexts() {
        Path mistral = FormulaModel.of("mistral").writeFolder(folder.resolve("mistral"));
        try (ModelFiles windowOf6 = ModelFiles.open(mistral)) {
            ModelConfiguration model = windowOf6.configuration();
            long group = model.headCount() / model.keyValueHeadCount();

            assertThat(masks(windowOf6, 6)).isEqualTo((2 * 4 + 1) * group * 6 * 6);
            assertThat(masks(windowOf6, 7)).isEqualTo((3 * 4 + 1) * group * 7 * 7);
        }
    }

    private static long masks(ModelFiles model, int slots) {
        ModelWorkload work = new ModelWorkload(1, slots, 0, 0, 0, Set.of());
        return bytes(MemoryPlan.of(model, FP32, work), Phase.GENERATING, "attention masks");
    }

    @Test
    void of_bf16_halvesWhatIsStoredInIt() {
        MemoryPlan full = plan(FP32, ModelWorkload.ofRounds());
        MemoryPlan half = plan(BF16, ModelWorkload.ofRounds());

        for (String name : new String[] {"weights", "keys and values", "activations"}) {
            for (Phase phase : Phase.values()) {
                assertThat(2 * bytes(half, phase, name))
                        .isBetween(bytes(full, phase, name) - 1, bytes(full, phase, name) + 1);
            }
        }
        assertThat(bytes(half, Phase.TUNING, "optimiser"))
                .isEqualTo(bytes(full, Phase.TUNING, "optimiser"));
    }

    @Test
    void peakBytes_generationAndTuning_areNotBothTaken() {
        MemoryPlan plan = plan(FP32, ModelWorkload.ofRounds());

        assertThat(plan.peakBytes())
                .isEqualTo(
                        plan.bytes(Phase.LOADED)
                                + Math.max(plan.bytes(Phase.GENERATING), plan.bytes(Phase.TUNING)));
    }

    @Test
    void requireFits_justEnough_goesOn() {
        MemoryPlan plan = plan(FP32, ModelWorkload.ofRounds());

        assertThatCode(() -> plan.requireFits(available(plan.peakBytes())))
                .doesNotThrowAnyException();
    }

    @Test
    void requireFits_oneByteShort_namesNeedHaveAndPackedLayers() {
        MemoryPlan plan = plan(FP32, ModelWorkload.ofRounds());

        assertThatThrownBy(() -> plan.requireFits(available(plan.peakBytes() - 1)))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.TOO_LITTLE_MEMORY))
                .hasMessageContaining(String.format("needs %.0f MB", plan.peakBytes() / 1e6))
                .hasMessageContaining("are available")
                .hasMessageContaining("it fits with packed layers off");
    }

    @Test
    void requireFits_tuningTakesTheMost_namesBf16() {
        ModelWorkload work = new ModelWorkload(1, 1, 1 << 16, 1, 1, Set.of("q_proj"));
        long enough = plan(BF16, work).peakBytes();

        assertThatThrownBy(() -> plan(FP32, work).requireFits(available(enough)))
                .hasMessageContaining("it fits with data type bf16");
    }

    @Test
    void requireFits_bf16Already_namesFewerRows() {
        ModelWorkload many = new ModelWorkload(1 << 16, 256, 0, 0, 0, Set.of());
        MemoryPlan plan = plan(BF16, many);
        long enough = plan(BF16, many.withRows(1 << 12)).peakBytes();

        assertThatThrownBy(() -> plan.requireFits(available(enough)))
                .hasMessageContaining(
                        "it fits with packed layers off and at most 4096 rows at once");
    }

    @Test
    void requireFits_nothingFits_saysSo() {
        MemoryPlan plan = plan(FP32, ModelWorkload.smallest());

        assertThatThrownBy(() -> plan.requireFits(available(1000)))
                .hasMessageContaining("no setting makes it fit");
    }

    @Test
    void requireFits_gpuOrUnknownMemory_goesOn() {
        TorchSettings gpu = new TorchSettings(DataType.FP32, "cuda:0", 0);

        assertThatCode(() -> plan(gpu, ModelWorkload.ofRounds()).requireFits(available(1)))
                .doesNotThrowAnyException();
        assertThatCode(() -> plan(FP32, ModelWorkload.ofRounds()).requireFits(OptionalLong::empty))
                .doesNotThrowAnyException();
    }
}
