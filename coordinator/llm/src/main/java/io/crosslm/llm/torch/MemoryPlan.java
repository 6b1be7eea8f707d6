package io.crosslm.llm.torch;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.torch.TorchSettings.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * What a model and its work will take of the processor's memory, told before anything is loaded.
 * docs/explanation-memory.md explains the formulas and compares them with measurements. Immutable.
 *
 * <p>Legend: b bytes of the data type, P weights, L layers, C embedding size, F feed-forward size,
 * H and K query and key-value heads of size D, V vocabulary, R rows, S slots, N tokens of a
 * backward pass, M targets of it, r rank, in and out sizes of an adapted linear layer.
 */
public final class MemoryPlan {
    /** The Java machine and PyTorch's libraries, measured. */
    static final long RUNTIME_BYTES = 220_000_000;

    /** Rows of a model file on their way into native memory. */
    private static final long SCRATCH_BYTES = 32 << 20;

    /** Caches of rows that stay are copied before the old ones go. */
    private static final int CACHE_COPIES = 2;

    /** Most tokens of prompts that are computed together; one prompt may have more, up to S. */
    private static final long PROMPT_TOKENS = 2048;

    /** Hidden states of a layer that are there at once. */
    private static final int PROMPT_STATES = 3;

    /** The attention mask and the zeros that it is made from. */
    private static final int MASK_COPIES = 2;

    /** Logits, probabilities, sorted ones, masses. */
    private static final int DRAWING_COPIES = 4;

    /** Logits, log-probabilities, their gradients. */
    private static final int LOSS_COPIES = 4;

    /** What backward holds besides and the allocator does not give back, measured. */
    private static final double ACTIVATION_OVERHEAD = 1.85;

    private static final double MEGABYTE = 1e6;

    private final ModelFiles files;
    private final TorchSettings settings;
    private final ModelWorkload workload;
    private final List<Part> parts = new ArrayList<>();

    private MemoryPlan(ModelFiles files, TorchSettings settings, ModelWorkload workload) {
        this.files = files;
        this.settings = settings;
        this.workload = workload;
    }

    /** When memory is taken. */
    public enum Phase {
        /** As long as the model is loaded. */
        LOADED,
        /** While texts are generated. */
        GENERATING,
        /** While an adapter is tuned. */
        TUNING
    }

    /** One kind of content. */
    public record Part(Phase phase, String name, long bytes) {}

    /** Plans a model's memory; only its headers are read. */
    public static MemoryPlan of(ModelFiles files, TorchSettings settings, ModelWorkload workload) {
        MemoryPlan plan = new MemoryPlan(files, settings, workload);
        plan.addLoaded();
        plan.addGeneration();
        if (workload.stepTokens() > 0) {
            plan.addTuning();
        }
        return plan;
    }

    /** Runtime and scratch; P * b. */
    private void addLoaded() {
        add(Phase.LOADED, "runtime", RUNTIME_BYTES + SCRATCH_BYTES);
        long weights = 0;
        boolean tied = files.configuration().tiedEmbeddings();
        for (String name : files.tensors().names()) {
            if (!tied || !name.equals("lm_head.weight")) {
                weights += files.tensors().shape(name).stream().reduce(1L, Math::multiplyExact);
            }
        }
        add(Phase.LOADED, "weights", weights * bytes());
    }

    /**
     * V C b and, for packed layers, in out b of all linear ones on a CPU; 2 * 2 L K D R S b; for
     * each token of the prompts 3 (C + F) b and (2 b + 1) H / K S; 4 * 4 R V.
     */
    private void addGeneration() {
        ModelConfiguration model = files.configuration();
        if (settings.device().equals("cpu") && settings.dataType().isPackedByThisProcessor()) {
            long packed = (long) model.vocabularySize() * model.embeddingSize();
            for (int part = 0;
                    settings.packedLayers() && part < LayerNames.LINEARS.size();
                    part++) {
                long size = (long) LayerNames.in(model, part) * LayerNames.out(model, part);
                packed += model.layerCount() * size;
            }
            add(Phase.GENERATING, "packed matrices", packed * bytes());
        }
        long values =
                2L
                        * model.layerCount()
                        * model.keyValueHeadCount()
                        * model.headSize()
                        * workload.rows()
                        * workload.slots();
        add(Phase.GENERATING, "keys and values", CACHE_COPIES * values * bytes());
        long all = (long) workload.rows() * workload.slots();
        long tokens = Math.max(Math.min(all, PROMPT_TOKENS), workload.slots());
        long width = (long) model.embeddingSize() + model.feedForwardSize();
        add(Phase.GENERATING, "prompts", PROMPT_STATES * width * tokens * bytes());
        add(Phase.GENERATING, "attention masks", maskBytes(tokens));
        add(
                Phase.GENERATING,
                "logits",
                (long) DRAWING_COPIES * Float.BYTES * workload.rows() * model.vocabularySize());
    }

    /** One byte for what is blocked, too; with a sliding window there are two masks. */
    private long maskBytes(long tokens) {
        ModelConfiguration model = files.configuration();
        int window = model.attention().window();
        boolean windowed = window > 0 && window < workload.slots();
        long bytes = (windowed ? MASK_COPIES + 1 : MASK_COPIES) * bytes() + 1;
        long group = model.headCount() / model.keyValueHeadCount();
        return bytes * group * tokens * workload.slots();
    }

    /** r (in + out) 4 for the adapter, again for gradients, twice for AdamW; activations; loss. */
    private void addTuning() {
        ModelConfiguration model = files.configuration();
        long adapted = 0;
        for (int part = 0; part < LayerNames.LINEARS.size(); part++) {
            if (workload.targets().contains(LayerNames.target(part))) {
                adapted += LayerNames.in(model, part) + LayerNames.out(model, part);
            }
        }
        long adapter = adapted * workload.rank() * model.layerCount() * Float.BYTES;
        add(Phase.TUNING, "adapter", adapter);
        add(Phase.TUNING, "gradients", adapter);
        add(Phase.TUNING, "optimiser", 2 * adapter);
        // Two norms and two sums; q, what attention gives, that in order; k and v; the four of
        // SwiGLU.
        long perToken =
                4L * model.embeddingSize()
                        + 3L * model.headCount() * model.headSize()
                        + 2L * model.keyValueHeadCount() * model.headSize()
                        + 4L * model.feedForwardSize();
        double activations =
                ACTIVATION_OVERHEAD
                        * perToken
                        * model.layerCount()
                        * workload.stepTokens()
                        * bytes();
        add(Phase.TUNING, "activations", Math.round(activations));
        long logits = (long) Float.BYTES * workload.stepTargets() * model.vocabularySize();
        add(Phase.TUNING, "logits", LOSS_COPIES * logits);
    }

    private long bytes() {
        return settings.dataType() == DataType.FP32 ? Float.BYTES : Short.BYTES;
    }

    private void add(Phase phase, String name, long bytes) {
        parts.add(new Part(phase, name, bytes));
    }

    /** All parts, in the order in which they are taken. */
    public List<Part> parts() {
        return List.copyOf(parts);
    }

    /** Bytes of a phase's parts. */
    public long bytes(Phase phase) {
        return parts.stream().filter(p -> p.phase() == phase).mapToLong(Part::bytes).sum();
    }

    /** The most at any time: a model generates or is tuned, not both at once. */
    public long peakBytes() {
        return bytes(Phase.LOADED) + Math.max(bytes(Phase.GENERATING), bytes(Phase.TUNING));
    }

    /**
     * Whether the memory is there; yes where that is not known, and on a GPU, whose driver tells
     * when it is short.
     */
    public boolean fits(MemorySource memory) {
        OptionalLong available = available(memory);
        return available.isEmpty() || peakBytes() <= available.getAsLong();
    }

    private OptionalLong available(MemorySource memory) {
        return settings.device().equals("cpu") ? memory.availableBytes() : OptionalLong.empty();
    }

    /**
     * Ends with an error where the memory is not there.
     *
     * @throws LanguageModelException TOO_LITTLE_MEMORY with what is needed, what there is and the
     *     nearest setting that fits
     */
    public void requireFits(MemorySource memory) {
        if (fits(memory)) {
            return;
        }
        throw new LanguageModelException(
                Code.TOO_LITTLE_MEMORY,
                String.format(
                        Locale.ROOT,
                        "%s needs %.0f MB in %s on %s (%s), but %.0f MB are available; %s",
                        files.name(),
                        peakBytes() / MEGABYTE,
                        settings.dataType().id(),
                        settings.device(),
                        workload.rows() == 1
                                ? "for one row of text"
                                : "for up to " + workload.rows() + " rows of text",
                        available(memory).orElse(0) / MEGABYTE,
                        nearest(memory)
                                .map(fitting -> "it fits with " + fitting)
                                .orElse(
                                        "no setting makes it fit: take a smaller model, or end"
                                                + " other programs")));
    }

    /** The setting that changes least and makes it fit, in words. */
    public Optional<String> nearest(MemorySource memory) {
        return new SmallerSettings(settings, workload)
                .nearest((other, work) -> of(files, other, work).fits(memory));
    }

    /** On one line, in megabytes. */
    @Override
    public String toString() {
        String named =
                parts.stream()
                        .map(
                                part ->
                                        String.format(
                                                Locale.ROOT,
                                                "%s %.0f",
                                                part.name(),
                                                part.bytes() / MEGABYTE))
                        .collect(Collectors.joining(", "));
        return String.format(
                Locale.ROOT,
                "%.0f MB loaded, %.0f more while it writes %d rows, %.0f more while it is tuned"
                        + " (%s)",
                bytes(Phase.LOADED) / MEGABYTE,
                bytes(Phase.GENERATING) / MEGABYTE,
                workload.rows(),
                bytes(Phase.TUNING) / MEGABYTE,
                named);
    }
}
