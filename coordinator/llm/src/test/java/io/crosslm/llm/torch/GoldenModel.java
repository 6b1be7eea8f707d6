package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferenceLoss;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TextExample;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the golden tests of all decoders compute and compare. */
final class GoldenModel {
    private final Decoder decoder;
    private final GoldenTolerance values;

    GoldenModel(Decoder decoder, GoldenTolerance values) {
        this.decoder = decoder;
        this.values = values;
    }

    /** Logits after the last id. */
    float[] lastLogits(int[] ids, Adapter adapter) {
        long[] longs = Arrays.stream(ids).asLongStream().toArray();
        long[] positions = new long[ids.length];
        Arrays.setAll(positions, i -> i);
        AdapterTensors tensors = decoder.adapter(adapter);
        try (NDManager step = decoder.newStep()) {
            Shape shape = new Shape(1, ids.length);
            return decoder.program()
                    .tensor(
                            step,
                            "prefill",
                            step.create(longs, shape),
                            step.create(positions, shape),
                            step.create(new long[] {ids.length - 1L}),
                            (long) ids.length,
                            decoder.weights(),
                            decoder.packed(),
                            tensors.tensors(),
                            tensors.scale(),
                            new NDList())
                    .toFloatArray();
        }
    }

    /** Log-probabilities of every id after the first, and of a continuation. */
    float[] logProbs(int[] context, int[] continuation, Adapter adapter) {
        PackedBatch batch = new PackedBatch();
        batch.add(context, List.of(continuation));
        AdapterTensors tensors = decoder.adapter(adapter);
        try (NDManager step = decoder.newStep()) {
            PackedBatch.Tensors b = batch.tensors(step);
            return decoder.program()
                    .tensor(
                            step,
                            "logProbs",
                            b.ids(),
                            b.positions(),
                            b.allowed(),
                            b.picked(),
                            b.targets(),
                            decoder.weights(),
                            tensors.tensors(),
                            tensors.scale())
                    .toFloatArray();
        }
    }

    /** Most likely continuations of prompts, computed as one batch. */
    List<int[]> greedy(int[][] prompts, int tokens, Adapter adapter) {
        String[] texts = new String[decoder.configuration().vocabularySize()];
        Arrays.fill(texts, "");
        StopRule never = new StopRule(NoText.INSTANCE, texts, List.of(), List.of());
        Generator generator =
                new Generator(
                        decoder,
                        decoder.adapter(adapter),
                        new Sampling(0, 1, tokens, List.of()),
                        1,
                        never,
                        GenerationObserver.noop());
        return generator.run(prompts, 1, prompts.length);
    }

    /** Norms and first values of hidden states are checked by the logits; here by the last. */
    float[] lastState(int[] ids) {
        long[] longs = Arrays.stream(ids).asLongStream().toArray();
        long[] positions = new long[ids.length];
        Arrays.setAll(positions, i -> i);
        AdapterTensors none = decoder.adapter(Adapter.none());
        try (NDManager step = decoder.newStep()) {
            Shape shape = new Shape(1, ids.length);
            float[] states =
                    decoder.program()
                            .tensor(
                                    step,
                                    "states",
                                    step.create(longs, shape),
                                    step.create(positions, shape),
                                    decoder.weights(),
                                    none.tensors(),
                                    none.scale())
                            .toFloatArray();
            int width = decoder.configuration().embeddingSize();
            return Arrays.copyOfRange(states, states.length - width, states.length);
        }
    }

    /** The formula's adapter on q and v. */
    Adapter adapter(int rank, double alpha, double amplitude) {
        ModelConfiguration model = decoder.configuration();
        Map<String, Adapter.Matrices> layers = new LinkedHashMap<>();
        for (int layer = 0; layer < model.layerCount(); layer++) {
            for (int module = 0; module < 2; module++) {
                int part = 2 * module;
                int in = LayerNames.in(model, part);
                int out = LayerNames.out(model, part);
                float[] a = new float[rank * in];
                for (int i = 0; i < a.length; i++) {
                    a[i] = a(amplitude, i / in, i % in, layer, module);
                }
                float[] b = new float[out * rank];
                for (int i = 0; i < b.length; i++) {
                    b[i] = b(amplitude, i / rank, i % rank, layer, module);
                }
                String name = LayerNames.linear(layer, part);
                layers.put(name, new Adapter.Matrices(in, out, a, b));
            }
        }
        return Adapter.of(rank, alpha, layers);
    }

    private static float a(double amplitude, int i, int j, int layer, int module) {
        double angle = 1 + 0.7 * i + 0.13 * j + 0.017 * i * j + 0.31 * layer + 0.53 * module;
        return (float) (amplitude * Math.sin(angle));
    }

    private static float b(double amplitude, int i, int j, int layer, int module) {
        double angle = 1 + 0.13 * i + 0.7 * j + 0.019 * i * j + 0.31 * layer + 0.53 * module;
        return (float) (amplitude * Math.cos(angle));
    }

    /** Checks one section of lora.json: loss, gradients, three optimiser steps. */
    void checkTraining(String file, String section) {
        JsonObject golden = Goldens.json(file);
        JsonObject lora = golden.getAsJsonObject("lora");
        JsonObject expected = golden.getAsJsonObject(section);
        Adapter start =
                adapter(
                        lora.get("rank").getAsInt(),
                        lora.get("alpha").getAsDouble(),
                        lora.get("amplitude").getAsDouble());
        AdapterTensors tensors =
                AdapterTensors.of(start, decoder.configuration(), decoder.newStep());
        try (Trainer trainer = new Trainer(decoder, tensors)) {
            double[] losses = new double[4];
            double[] norms = new double[3];
            for (int step = 0; step < 3; step++) {
                losses[step] = backward(trainer, golden, section);
                if (step == 0) {
                    values.check("loss", losses[0], expected.get("loss").getAsDouble());
                    checkGradients(trainer, expected);
                }
                norms[step] = trainer.step(OptimiserSettings.defaults(), 1e-3);
            }
            losses[3] = backward(trainer, golden, section);
            GoldenTolerance.GRADIENT_NORM.check(
                    "gradientNorm", norms[0], expected.get("gradientNorm").getAsDouble());
            JsonObject steps = expected.getAsJsonObject("steps");
            if (steps == null) {
                return;
            }
            GoldenTolerance.AFTER_STEPS.check(
                    "losses", losses, Goldens.numbers(steps.get("losses")));
            GoldenTolerance.AFTER_STEPS.check(
                    "gradientNorms", norms, Goldens.numbers(steps.get("gradientNorms")));
            Map<String, float[]> after = byName(tensors.trained());
            checkFirst8(steps.getAsJsonObject("weightFirst8After"), after);
            checkNorms(steps.getAsJsonObject("weightNormsAfter"), after, GoldenTolerance.ELEMENT);
        }
    }

    private double backward(Trainer trainer, JsonObject golden, String section) {
        if (section.equals("sft")) {
            PackedBatch batch = new PackedBatch();
            for (JsonElement element : golden.getAsJsonArray("sftExamples")) {
                batch.add(prompt(element), List.of(completion(element)));
            }
            return trainer.likelihood(batch, batch.targetCount());
        }
        if (section.startsWith("kto")) {
            return rated(trainer, golden, section);
        }
        JsonArray pairs = golden.getAsJsonArray("pairs");
        List<Likelihoods.Item> items = new ArrayList<>();
        int chosenTokens = 0;
        for (JsonElement element : pairs) {
            JsonElement chosen = element.getAsJsonObject().get("chosen");
            JsonElement rejected = element.getAsJsonObject().get("rejected");
            chosenTokens += completion(chosen).length;
            items.add(
                    new Likelihoods.Item(
                            prompt(chosen), List.of(completion(chosen), completion(rejected))));
        }
        double sftWeight = section.equals("dpoWithSft") ? golden.get("sftWeight").getAsDouble() : 0;
        double loss = 0;
        // One pair a part: the parts must add up to the whole.
        Likelihoods untuned = new Likelihoods(decoder, decoder.adapter(Adapter.none()));
        for (Likelihoods.Item item : items) {
            PackedBatch batch = new PackedBatch();
            batch.add(item.context(), item.branches());
            float[] reference = new float[2];
            for (int i = 0; i < 2; i++) {
                reference[i] = (float) untuned.scores(List.of(item)).get(0).get(i).logLikelihood();
            }
            loss +=
                    trainer.preference(
                            batch,
                            reference,
                            items.size(),
                            chosenTokens,
                            new PreferenceLoss(
                                    PreferenceLoss.Kind.DPO,
                                    golden.get("beta").getAsDouble(),
                                    sftWeight));
        }
        return loss;
    }

    private double rated(Trainer trainer, JsonObject golden, String section) {
        List<Likelihoods.Item> items = new ArrayList<>();
        List<TextExample.Rating> ratings = new ArrayList<>();
        for (JsonElement element : golden.getAsJsonArray("pairs")) {
            for (String name : List.of("chosen", "rejected")) {
                JsonElement example = element.getAsJsonObject().get(name);
                items.add(new Likelihoods.Item(prompt(example), List.of(completion(example))));
                ratings.add(
                        name.equals("chosen")
                                ? TextExample.Rating.DESIRABLE
                                : TextExample.Rating.UNDESIRABLE);
            }
        }
        TuningData data = TuningData.ofRated(items, ratings);
        TuningSettings settings =
                TuningSettings.defaults()
                        .withPreference(
                                new PreferenceLoss(
                                        PreferenceLoss.Kind.KTO,
                                        golden.get("beta").getAsDouble(),
                                        0));
        StepLosses losses =
                new StepLosses(decoder, trainer, settings, data, data.references(decoder));
        List<Integer> all = List.of(0, 1, 2, 3);
        if (section.equals("kto")) {
            return losses.items(all);
        }
        return losses.rated(all, golden.get("fixedKl").getAsDouble());
    }

    private static int[] prompt(JsonElement example) {
        return Goldens.ids(example.getAsJsonObject().get("promptIds"));
    }

    private static int[] completion(JsonElement example) {
        return Goldens.ids(example.getAsJsonObject().get("completionIds"));
    }

    private void checkGradients(Trainer trainer, JsonObject expected) {
        Map<String, float[]> gradients = byName(trainer.gradients());
        checkFirst8(expected.getAsJsonObject("gradientFirst8"), gradients);
        checkNorms(
                expected.getAsJsonObject("gradientNorms"),
                gradients,
                GoldenTolerance.GRADIENT_NORM);
    }

    private static void checkFirst8(JsonObject expected, Map<String, float[]> actual) {
        for (String name : expected.keySet()) {
            GoldenTolerance.ELEMENT.check(
                    name, Arrays.copyOf(actual.get(name), 8), Goldens.numbers(expected.get(name)));
        }
    }

    private static void checkNorms(
            JsonObject expected, Map<String, float[]> actual, GoldenTolerance tolerance) {
        for (String name : expected.keySet()) {
            double[] norms = Goldens.numbers(expected.get(name));
            double[] found = new double[norms.length];
            for (int layer = 0; layer < norms.length; layer++) {
                found[layer] = norm(actual.get("layers." + layer + "." + name));
            }
            tolerance.check(name, found, norms);
        }
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    /** The goldens' names: layers.0.q_proj.A and so on. */
    private static Map<String, float[]> byName(NDList list) {
        Map<String, float[]> values = new LinkedHashMap<>();
        String[] names = {"q_proj.A", "q_proj.B", "v_proj.A", "v_proj.B"};
        for (int i = 0; i < list.size(); i++) {
            NDArray tensor = list.get(i);
            values.put("layers." + i / 4 + "." + names[i % 4], tensor.toFloatArray());
        }
        return values;
    }

    /** A tokenizer for work on ids only. */
    static Tokenizer noText() {
        return NoText.INSTANCE;
    }

    /** For decoding ids only. */
    private enum NoText implements Tokenizer {
        INSTANCE;

        @Override
        public int[] encode(String text, ControlTokens controlTokens) {
            return new int[0];
        }

        @Override
        public String decode(int[] ids) {
            return "";
        }

        @Override
        public int vocabularySize() {
            return 0;
        }
    }
}
