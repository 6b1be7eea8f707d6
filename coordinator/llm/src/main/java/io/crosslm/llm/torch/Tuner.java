package io.crosslm.llm.torch;

import ai.djl.ndarray.NDManager;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.ReplaySettings;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningListener;
import io.crosslm.llm.TuningResult;
import io.crosslm.llm.TuningSettings;
import io.crosslm.text.Tokenizer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** Runs tuning jobs and measures what they did. Confined to the model's thread. */
final class Tuner {
    private static final int MAXIMUM_REMEMBERED = 4;
    private static final int DIVERGENCE_ROWS = 8;
    private static final int MAXIMUM_REPLAY_TEXTS = 10_000;

    private final Decoder decoder;
    private final Tokenizer tokenizer;
    private final Prompts prompts;
    private final String fingerprint;
    private final Map<ReplayKey, int[][]> remembered = new LinkedHashMap<>();

    /**
     * A model's tuner.
     *
     * @param fingerprint of the model, for its checkpoints
     */
    Tuner(Decoder decoder, Tokenizer tokenizer, Prompts prompts, String fingerprint) {
        this.fingerprint = fingerprint;
        this.decoder = decoder;
        this.tokenizer = tokenizer;
        this.prompts = prompts;
    }

    TuningResult tune(TuningJob job, TuningCheckpoints checkpoints, TuningListener listener) {
        TuningData data = TuningData.of(job, tokenizer, prompts);
        TuningSettings settings = job.settings();
        ReplaySettings replay = settings.replay();
        Adapter start =
                job.start().isNone()
                        ? FreshAdapter.of(decoder.configuration(), settings.lora(), job.seed())
                        : job.start();
        String name =
                TuningFingerprint.of(fingerprint, job, data, ReplayTexts.starts(tokenizer))
                        + ".tuning";
        Checkpoint checkpoint = new Checkpoint(checkpoints, name, decoder);
        try (NDManager run = decoder.newStep()) {
            float[][] references = data.references(decoder);
            ReplayTexts texts =
                    replay.isOn()
                            ? ReplayTexts.of(
                                    decoder,
                                    replayTexts(replay.texts(), replay.tokens(), job.replaySeed()),
                                    run)
                            : null;
            AdapterTensors tensors =
                    AdapterTensors.of(
                            start, settings.lora().dropout(), decoder.configuration(), run);
            // A model writes or is tuned: both together would take the most memory.
            decoder.unpack();
            try (Trainer trainer = new Trainer(decoder, tensors)) {
                StepLosses losses = new StepLosses(decoder, trainer, settings, data, references);
                return new TuningRun(trainer, losses, job, data, texts).run(checkpoint, listener);
            }
        }
    }

    double divergence(Adapter adapter, int texts, int tokens, long seed) {
        int[][] drawn = replayTexts(texts, tokens, seed);
        double sum = 0;
        try (NDManager run = decoder.newStep()) {
            ReplayTexts replay = ReplayTexts.of(decoder, drawn, run);
            AdapterTensors tensors = decoder.adapter(adapter);
            for (int from = 0; from < texts; from += DIVERGENCE_ROWS) {
                ModelThread.checkInterrupt();
                int[] rows =
                        IntStream.range(from, Math.min(texts, from + DIVERGENCE_ROWS)).toArray();
                try (NDManager step = run.newSubManager()) {
                    sum +=
                            decoder.program()
                                    .tensor(
                                            step,
                                            "replay",
                                            replay.ids(step, rows),
                                            replay.positions(step, rows.length),
                                            replay.states(step, rows),
                                            1.0,
                                            decoder.weights(),
                                            tensors.tensors(),
                                            tensors.scale())
                                    .getFloat();
                }
            }
        }
        return sum / ((double) texts * tokens);
    }

    private int[][] replayTexts(int texts, int tokens, long seed) {
        if (texts < 1 || texts > MAXIMUM_REPLAY_TEXTS || tokens < 1) {
            throw new LanguageModelException(
                    Code.BAD_INPUT,
                    "Replay needs 1 to "
                            + MAXIMUM_REPLAY_TEXTS
                            + " texts of at least 1 token but has "
                            + texts
                            + " of "
                            + tokens);
        }
        prompts.checkLength(tokens, 0);
        ReplayKey key = new ReplayKey(texts, tokens, seed);
        int[][] found = remembered.get(key);
        if (found == null) {
            found = ReplayTexts.draw(decoder, tokenizer, texts, tokens, seed);
            if (remembered.size() == MAXIMUM_REMEMBERED) {
                remembered.remove(remembered.keySet().iterator().next());
            }
            remembered.put(key, found);
        }
        return Arrays.copyOf(found, found.length);
    }

    private record ReplayKey(int texts, int tokens, long seed) {}
}
