package io.crosslm.llm.torch;

import ai.djl.ndarray.NDManager;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.format.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A process of its own, whose memory nothing else has used before: loads a model, does one piece of
 * work and prints how many bytes more were resident at most than after PyTorch's start.
 */
final class MemoryMeasurement {
    private static final int NEW_TOKENS = 12;

    private MemoryMeasurement() {}

    /** Arguments: model, data type, load, generate or tune, rows, tokens of a row. */
    public static void main(String[] arguments) {
        TorchSettings settings =
                new TorchSettings(TorchSettings.DataType.of(arguments[1]), "cpu", 1);
        int rows = Integer.parseInt(arguments[3]);
        int tokens = Integer.parseInt(arguments[4]);
        try (ModelFiles files = ModelFiles.open(Path.of(arguments[0]));
                ModelThread thread = new ModelThread("measured")) {
            thread.call(
                    () -> {
                        TorchEngine.start(settings).close();
                        return true;
                    });
            long before = ProcessMemory.resident();
            ProcessMemory.resetPeak();
            thread.call(() -> work(Decoder.load(files, settings), arguments[2], rows, tokens));
            System.out.println("bytes=" + (ProcessMemory.peak() - before));
        }
        System.exit(0);
    }

    private static boolean work(Decoder decoder, String what, int rows, int tokens) {
        switch (what) {
            case "generate":
                generate(decoder, texts(rows, tokens - NEW_TOKENS));
                break;
            case "tune":
                tune(decoder, texts(rows, tokens + 1));
                break;
            default:
                break;
        }
        return true;
    }

    private static int[][] texts(int rows, int tokens) {
        Random random = new Random(1);
        int[][] texts = new int[rows][tokens];
        for (int[] text : texts) {
            Arrays.setAll(text, i -> 1000 + random.nextInt(10_000));
        }
        return texts;
    }

    private static void generate(Decoder decoder, int[][] prompts) {
        String[] words = new String[decoder.configuration().vocabularySize()];
        Arrays.fill(words, "");
        Generator generator =
                new Generator(
                        decoder,
                        decoder.adapter(Adapter.none()),
                        new Sampling(1, 0.95, NEW_TOKENS, List.of()),
                        1,
                        new StopRule(GoldenModel.noText(), words, List.of(), List.of()),
                        GenerationObserver.noop());
        generator.run(prompts, 1, prompts.length);
    }

    private static void tune(Decoder decoder, int[][] texts) {
        TuningSettings settings = TuningSettings.defaults();
        Adapter start = FreshAdapter.of(decoder.configuration(), settings.lora(), 1);
        try (NDManager run = decoder.newStep()) {
            AdapterTensors tensors = AdapterTensors.of(start, decoder.configuration(), run);
            try (Trainer trainer = new Trainer(decoder, tensors)) {
                PackedBatch batch = new PackedBatch();
                List<int[]> all = new ArrayList<>(List.of(texts));
                for (int[] text : all) {
                    batch.add(
                            Arrays.copyOf(text, 1),
                            List.of(Arrays.copyOfRange(text, 1, text.length)));
                }
                trainer.likelihood(batch, batch.targetCount());
                trainer.step(settings.optimiser(), 1e-4);
            }
        }
    }
}
