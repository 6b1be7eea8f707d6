package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws completions in a continuous batch: what prompts begin with is computed once, and a row that
 * is finished makes room for one that waits. Confined to the model's thread.
 */
final class Generator {
    private static final int STEPS_PER_CALL = 4;

    private final Decoder decoder;
    private final AdapterTensors adapter;
    private final Sampling sampling;
    private final long seed;
    private final StopRule rule;
    private final GenerationObserver observer;

    Generator(
            Decoder decoder,
            AdapterTensors adapter,
            Sampling sampling,
            long seed,
            StopRule rule,
            GenerationObserver observer) {
        this.decoder = decoder;
        this.adapter = adapter;
        this.sampling = sampling;
        this.seed = seed;
        this.rule = rule;
        this.observer = observer;
    }

    /**
     * Completes every prompt.
     *
     * @param prompts ids, at least one prompt and one id each
     * @param each completions of every prompt
     * @param maximumRows that are computed together
     * @return drawn ids of each completion up to its end, those of the first prompt first
     */
    List<int[]> run(int[][] prompts, int each, int maximumRows) {
        WaitingList waiting = new WaitingList(prompts, each);
        int rows = Math.min(maximumRows, waiting.size());
        int longest = Arrays.stream(prompts).mapToInt(prompt -> prompt.length).max().orElseThrow();
        // A call may draw some tokens more than a row needs.
        int slots = longest + sampling.maxNewTokens() + STEPS_PER_CALL;
        int[][] results = new int[prompts.length * each][];
        Arrays.fill(results, new int[0]);
        try (NDManager run = decoder.newStep();
                PromptReader reader = new PromptReader(decoder, adapter, prompts, run)) {
            LaneTensors tensors =
                    new LaneTensors(decoder, run, rows, slots, sampling.repetitionPenalty() > 1);
            Lanes lanes = new Lanes(rows, sampling, seed, rule);
            NDArray lasts = run.create(rule.lastTokens());
            NDArray ends = run.create(rule.endTokens());
            boolean read = fill(lanes, waiting, prompts, each, reader, tensors);
            while (read && lanes.active() > 0 && goesOn()) {
                draw(tensors, lanes, lasts, ends);
                lanes.report(results, observer);
                // Rows change places only when enough are finished to pay for the copies.
                if (lanes.free() >= Math.max(1, lanes.count() / 8)) {
                    if (waiting.size() > 0) {
                        read = fill(lanes, waiting, prompts, each, reader, tensors);
                    } else if (lanes.active() > 0) {
                        tensors.keep(lanes.keepActive(), lanes.longest());
                    }
                }
            }
            lanes.stop(results);
            return new ArrayList<>(Arrays.asList(results));
        }
    }

    /** Whether there is time for another native call; throws if there is no wish for one. */
    private boolean goesOn() {
        ModelThread.checkInterrupt();
        if (observer.cancelled()) {
            throw new LanguageModelException(Code.CANCELLED, "The listener ended the generation");
        }
        return observer.goesOn();
    }

    /** Puts completions that wait into free lanes; false if the time is over before all are. */
    private boolean fill(
            Lanes lanes,
            WaitingList waiting,
            int[][] prompts,
            int each,
            PromptReader reader,
            LaneTensors tensors) {
        Map<Integer, List<Integer>> lanesOfPrompt = new LinkedHashMap<>();
        for (int completion : waiting.take(lanes.free())) {
            int prompt = completion / each;
            int lane = lanes.begin(completion, prompts[prompt].length);
            lanesOfPrompt.computeIfAbsent(prompt, p -> new ArrayList<>()).add(lane);
        }
        if (!reader.read(lanesOfPrompt, tensors, this::goesOn)) {
            return false;
        }
        lanesOfPrompt.forEach((prompt, of) -> tensors.remember(prompts[prompt], of));
        return true;
    }

    private void draw(LaneTensors tensors, Lanes lanes, NDArray lasts, NDArray ends) {
        int steps = Math.min(STEPS_PER_CALL, lanes.mostLeft());
        int more = steps < lanes.mostLeft() ? 1 : 0;
        int count = lanes.count();
        try (NDManager step = decoder.newStep()) {
            NDList result =
                    decoder.program()
                            .list(
                                    step,
                                    "generate",
                                    tensors.logits(),
                                    step.create(lanes.positions()),
                                    (long) lanes.longest(),
                                    step.create(lanes.held()),
                                    step.create(lanes.uniforms(steps), new Shape(count, steps)),
                                    (long) steps,
                                    (long) more,
                                    lasts,
                                    ends,
                                    tensors.before(),
                                    sampling.temperature(),
                                    sampling.topP(),
                                    (long) sampling.topK(),
                                    sampling.minP(),
                                    sampling.repetitionPenalty(),
                                    decoder.weights(),
                                    decoder.packed(),
                                    adapter.tensors(),
                                    adapter.scale(),
                                    tensors.caches());
            lanes.append(result.get(0).toLongArray());
            tensors.replaceLogits(result.get(1));
        }
    }
}
