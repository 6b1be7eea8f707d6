package io.crosslm.slm.classifier;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.autodiff.Sgd;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.graph.Graph;
import io.crosslm.testkit.golden.GoldenTolerance;
import io.crosslm.testkit.golden.Goldens;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/**
 * Trains a classifier as a training.json says, with graphs only, and compares losses, gradients and
 * weights with what PyTorch got.
 */
final class GoldenTraining {
    private static final int LABELS = 2;
    private static final int STEPS = 5;

    /** A key's bias has no effect on the output: its gradient is rounding noise. */
    private static final double NOISE = 1e-7;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final JsonObject golden;
    private final JsonObject weights;
    private final GoldenTolerance valueTolerance;
    private final EncoderGraph encoder;
    private final Graph graph;
    private final List<Parameter> parameters = new ArrayList<>();

    private GoldenTraining(
            JsonObject golden, JsonObject weights, EncoderGraph encoder, GoldenTolerance values) {
        this.golden = golden;
        this.weights = weights;
        this.encoder = encoder;
        valueTolerance = values;
        graph = encoder.graph();
        graph.clearOutputs();
        ClassifierHead.append(graph, encoder.embeddingSize(), LABELS);
    }

    /** A head on the frozen encoder. */
    static GoldenTraining head(
            JsonObject golden, JsonObject weights, byte[] model, GoldenTolerance values) {
        EncoderGraph encoder = EncoderGraph.frozen(model, EncoderGraph.Embedding.MEAN);
        GoldenTraining training = new GoldenTraining(golden, weights, encoder, values);
        training.addHead();
        return training;
    }

    /** Adapters and a head, both by the golden's formulas. */
    static GoldenTraining lora(
            JsonObject golden, JsonObject weights, byte[] model, GoldenTolerance values) {
        JsonObject lora = golden.getAsJsonObject("lora");
        LoraAdapter adapter =
                new LoraAdapter(
                        lora.get("rank").getAsInt(),
                        lora.get("alpha").getAsDouble(),
                        List.of("query", "value"));
        EncoderGraph encoder = EncoderGraph.adapted(model, EncoderGraph.Embedding.MEAN, adapter, 1);
        GoldenTraining training = new GoldenTraining(golden, weights, encoder, values);
        training.addLora(lora.get("amplitude").getAsDouble());
        training.addHead();
        return training;
    }

    /** Everything but the embedding tables, or that too. */
    static GoldenTraining full(
            JsonObject golden,
            JsonObject weights,
            byte[] model,
            GoldenTolerance values,
            boolean withTables) {
        Set<EncoderWeights.Role> roles = EnumSet.allOf(EncoderWeights.Role.class);
        if (!withTables) {
            roles.remove(EncoderWeights.Role.TABLE);
        }
        EncoderGraph encoder = EncoderGraph.trained(model, EncoderGraph.Embedding.MEAN, roles);
        GoldenTraining training = new GoldenTraining(golden, weights, encoder, values);
        training.parameters.addAll(encoder.parameters());
        training.addHead();
        return training;
    }

    private void addHead() {
        double amplitude = headAmplitude();
        int size = encoder.embeddingSize();
        float[] weight = new float[LABELS * size];
        float[] bias = new float[LABELS];
        for (int c = 0; c < LABELS; c++) {
            for (int j = 0; j < size; j++) {
                weight[c * size + j] =
                        (float) (amplitude * Math.sin(1 + 0.7 * c + 0.13 * j + 0.017 * c * j));
            }
            bias[c] = (float) (0.01 * Math.cos(1 + 0.7 * c));
        }
        parameters.add(new Parameter(ClassifierHead.WEIGHT, new long[] {LABELS, size}, weight));
        parameters.add(new Parameter(ClassifierHead.BIAS, new long[] {LABELS}, bias));
    }

    private double headAmplitude() {
        String formula = golden.getAsJsonObject("head").get("weight").getAsString();
        return Double.parseDouble(formula.substring("W[c,j] = ".length(), formula.indexOf(" *")));
    }

    private void addLora(double amplitude) {
        for (Parameter empty : encoder.parameters()) {
            int layer = Integer.parseInt(empty.name().replaceAll("[^0-9]+", ""));
            int module = empty.name().contains(".query.") ? 0 : 1;
            boolean down = empty.name().endsWith("lora_A");
            int columns = (int) empty.dimensions()[1];
            float[] values = new float[empty.values().length];
            for (int k = 0; k < values.length; k++) {
                int i = k / columns;
                int j = k % columns;
                double shift = 0.31 * layer + 0.53 * module;
                values[k] =
                        (float)
                                (down
                                        ? amplitude
                                                * Math.sin(
                                                        1
                                                                + 0.7 * i
                                                                + 0.13 * j
                                                                + 0.017 * i * j
                                                                + shift)
                                        : amplitude
                                                * Math.cos(
                                                        1
                                                                + 0.13 * i
                                                                + 0.7 * j
                                                                + 0.019 * i * j
                                                                + shift));
            }
            parameters.add(new Parameter(empty.name(), empty.dimensions(), values));
        }
    }

    /** Mean cross-entropy over the eight texts. */
    void checkHardLabels(JsonObject expected) throws OrtException {
        int[] labels = Goldens.ids(golden.get("labels"));
        float[] targets = new float[labels.length * LABELS];
        for (int i = 0; i < labels.length; i++) {
            targets[i * LABELS + labels[i]] = 1;
        }
        check(expected, targets, i -> 1.0 / labels.length);
    }

    /** Mean cross-entropy over four texts + mu x mean divergence over the other four. */
    void checkSoftLabelMix(JsonObject expected) throws OrtException {
        int[] labels = Goldens.ids(golden.get("labels"));
        double[] soft = Goldens.numbers(golden.get("softLabels"));
        int privateCount = labels.length - soft.length / LABELS;
        float[] targets = new float[labels.length * LABELS];
        for (int i = 0; i < privateCount; i++) {
            targets[i * LABELS + labels[i]] = 1;
        }
        for (int k = 0; k < soft.length; k++) {
            targets[privateCount * LABELS + k] = (float) soft[k];
        }
        double mu = golden.get("mu").getAsDouble();
        check(
                expected,
                targets,
                i -> i < privateCount ? 1.0 / privateCount : mu / (labels.length - privateCount));
    }

    /** Clipped gradients of each example and a step of SGD on their mean, without noise. */
    void checkPrivate(JsonArray expected) throws OrtException {
        Graph train = graph.copy();
        Map<String, String> gradients =
                PrivateTrainGraph.appendGradients(train, parameters, LABELS);
        new Sgd(0).append(train, gradients, TrainGraph.dimensions(parameters));
        addGradients(train, gradients);
        train.prune();
        try (OrtSession session = environment.createSession(train.toBytes())) {
            for (JsonElement one : expected) {
                checkPrivate(session, one.getAsJsonObject());
            }
        }
    }

    private void checkPrivate(OrtSession session, JsonObject expected) throws OrtException {
        int[] labels = Goldens.ids(golden.get("labels"));
        Map<String, OnnxTensor> inputs = tokens();
        float[] targets = new float[labels.length * LABELS];
        float[] rows = new float[labels.length];
        for (int i = 0; i < labels.length; i++) {
            targets[i * LABELS + labels[i]] = 1;
            rows[i] = 1;
        }
        inputs.put(ClassificationLoss.TARGETS, floats(targets, labels.length, LABELS));
        inputs.put(ClassificationLoss.ROW_WEIGHTS, floats(rows, labels.length));
        inputs.put(ClassificationLoss.PENALTY, floats(new float[1]));
        put(inputs, PrivateTrainGraph.CLIP_NORM, expected.get("clipNorm").getAsDouble());
        put(inputs, PrivateTrainGraph.BATCH_SIZE, labels.length);
        put(inputs, AdamW.LEARNING_RATE, expected.get("sgdRate").getAsDouble());
        put(inputs, AdamW.WEIGHT_DECAY, 0);
        for (Parameter p : parameters) {
            inputs.put(p.name(), floats(p.values(), p.dimensions()));
            float[] zeros = new float[p.values().length];
            inputs.put(p.name() + PrivateTrainGraph.NOISE, floats(zeros, p.dimensions()));
        }
        try (OrtSession.Result result = session.run(inputs)) {
            double sum = 0;
            for (double loss : Goldens.numbers(expected.get("exampleLosses"))) {
                sum += loss;
            }
            valueTolerance.check("losses", values(result, ClassificationLoss.LOSS)[0], sum);
            GoldenTolerance.GRADIENT_NORM.check(
                    "norms of the examples",
                    doubles(values(result, PrivateTrainGraph.GRADIENT_NORMS)),
                    Goldens.numbers(expected.get("exampleGradientNorms")));
            checkGradients(result, expected, "clippedMeanGradient");
            for (Parameter p : parameters) {
                inputs.put(p.name(), floats(values(result, p.name() + ".new"), p.dimensions()));
            }
        }
        try (OrtSession.Result result = session.run(inputs)) {
            GoldenTolerance.AFTER_STEPS.check(
                    "loss after the step",
                    values(result, ClassificationLoss.LOSS)[0] / labels.length,
                    expected.get("lossAfterSgdStep").getAsDouble());
        }
    }

    private void put(Map<String, OnnxTensor> inputs, String name, double value)
            throws OrtException {
        inputs.put(name, floats(new float[] {(float) value}));
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private void addGradients(Graph train, Map<String, String> gradients) {
        for (Parameter p : parameters) {
            train.addNamed(p.name() + ".gradient", "Identity", List.of(gradients.get(p.name())));
            train.addOutput(p.type().named(p.name() + ".gradient"));
        }
    }

    private void check(JsonObject expected, float[] targets, IntToDoubleFunction rowWeight)
            throws OrtException {
        if (parameters.size() != expected.get("trainedTensors").getAsInt()) {
            throw new AssertionError(parameters.size() + " tensors are trained");
        }
        Graph train = graph.copy();
        Map<String, String> gradients = TrainGraph.appendGradients(train, parameters, LABELS);
        new AdamW().append(train, gradients, TrainGraph.dimensions(parameters));
        addGradients(train, gradients);
        train.prune();
        try (OrtSession session = environment.createSession(train.toBytes())) {
            run(session, expected, targets, rowWeight);
        }
    }

    private void run(
            OrtSession session, JsonObject expected, float[] targets, IntToDoubleFunction weight)
            throws OrtException {
        Map<String, OnnxTensor> inputs = tokens();
        int rows = targets.length / LABELS;
        float[] rowWeights = new float[rows];
        for (int i = 0; i < rows; i++) {
            rowWeights[i] = (float) weight.applyAsDouble(i);
        }
        inputs.put(ClassificationLoss.TARGETS, floats(targets, rows, LABELS));
        inputs.put(ClassificationLoss.ROW_WEIGHTS, floats(rowWeights, rows));
        inputs.put(ClassificationLoss.PENALTY, floats(new float[1]));
        inputs.put(AdamW.LEARNING_RATE, floats(new float[] {1e-3f}));
        inputs.put(AdamW.WEIGHT_DECAY, floats(new float[] {0.01f}));
        for (Parameter p : parameters) {
            inputs.put(p.name(), floats(p.values(), p.dimensions()));
            inputs.put(p.name() + ".m", floats(new float[p.values().length], p.dimensions()));
            inputs.put(p.name() + ".v", floats(new float[p.values().length], p.dimensions()));
        }
        double[] losses = new double[STEPS + 1];
        for (int step = 1; step <= STEPS + 1; step++) {
            inputs.put(AdamW.CORRECTION_1, floats(new float[] {(float) (1 - Math.pow(0.9, step))}));
            inputs.put(
                    AdamW.CORRECTION_2, floats(new float[] {(float) (1 - Math.pow(0.999, step))}));
            try (OrtSession.Result result = session.run(inputs)) {
                losses[step - 1] = values(result, ClassificationLoss.LOSS)[0];
                if (step == 1) {
                    checkGradients(result, expected, "gradient");
                }
                if (step <= STEPS) {
                    for (Parameter p : parameters) {
                        for (String part : List.of("", ".m", ".v")) {
                            inputs.put(
                                    p.name() + part,
                                    floats(
                                            values(result, p.name() + part + ".new"),
                                            p.dimensions()));
                        }
                    }
                }
            }
        }
        double[] expectedLosses = Goldens.numbers(expected.get("losses"));
        valueTolerance.check("first loss", losses[0], expectedLosses[0]);
        GoldenTolerance.AFTER_STEPS.check("losses", losses, expectedLosses);
        JsonObject after = expected.getAsJsonObject("weightFirst8After");
        for (String name : after.keySet()) {
            float[] weights = inputs.get(storedName(name)).getFloatBuffer().array();
            GoldenTolerance.ELEMENT.check(
                    name + " after", first(name, weights, after), Goldens.numbers(after.get(name)));
        }
    }

    private void checkGradients(OrtSession.Result result, JsonObject expected, String kind)
            throws OrtException {
        double squares = 0;
        Map<String, Double> norms = new LinkedHashMap<>();
        for (Parameter p : parameters) {
            double square = 0;
            for (float g : values(result, p.name() + ".gradient")) {
                square += (double) g * g;
            }
            squares += square;
            norms.put(p.name(), Math.sqrt(square));
        }
        GoldenTolerance.GRADIENT_NORM.check(
                "gradient norm", Math.sqrt(squares), expected.get(kind + "Norm").getAsDouble());
        JsonObject expectedNorms = expected.getAsJsonObject(kind + "Norms");
        for (String name : expectedNorms.keySet()) {
            double[] wanted = Goldens.numbers(expectedNorms.get(name));
            if (wanted[0] < NOISE) {
                continue;
            }
            double[] actual = new double[wanted.length];
            if (name.startsWith("query.") || name.startsWith("value.")) {
                String matrix = name.startsWith("query") ? ".query.lora_" : ".value.lora_";
                for (int layer = 0; layer < actual.length; layer++) {
                    String suffix = matrix + name.charAt(name.length() - 1);
                    String prefix = "encoder.layer." + layer + ".attention.self";
                    actual[layer] = norms.get(prefix + suffix);
                }
            } else {
                actual[0] = norms.get(storedName(name));
            }
            GoldenTolerance.GRADIENT_NORM.check("norm of " + name, actual, wanted);
        }
        JsonObject first8 = expected.getAsJsonObject(kind + "First8");
        for (String name : first8.keySet()) {
            float[] gradient = values(result, storedName(name) + ".gradient");
            GoldenTolerance.ELEMENT.check(
                    "gradient of " + name,
                    first(name, gradient, first8),
                    Goldens.numbers(first8.get(name)));
        }
    }

    /** The first values in PyTorch's [out, in] order. */
    private float[] first(String name, float[] values, JsonObject expected) {
        int count = expected.getAsJsonArray(name).size();
        JsonObject weight = weights.getAsJsonObject(name);
        if (weight == null || !weight.get("transposedInOnnx").getAsBoolean()) {
            return Arrays.copyOf(values, count);
        }
        int out = weight.getAsJsonArray("shape").get(0).getAsInt();
        float[] row = new float[count];
        for (int j = 0; j < count; j++) {
            row[j] = values[j * out];
        }
        return row;
    }

    private String storedName(String name) {
        JsonObject weight = weights.getAsJsonObject(name);
        if (weight == null) {
            return name;
        }
        return weight.has("onnxName")
                ? weight.get("onnxName").getAsString()
                : weight.getAsJsonArray("onnxNames").get(0).getAsString();
    }

    private Map<String, OnnxTensor> tokens() throws OrtException {
        JsonArray ids = golden.getAsJsonArray("ids");
        int rows = ids.size();
        int longest = 0;
        for (int i = 0; i < rows; i++) {
            longest = Math.max(longest, ids.get(i).getAsJsonArray().size());
        }
        long[] tokens = new long[rows * longest];
        Arrays.fill(tokens, golden.has("padId") ? golden.get("padId").getAsInt() : 0);
        long[] mask = new long[tokens.length];
        for (int i = 0; i < rows; i++) {
            int[] row = Goldens.ids(ids.get(i));
            for (int t = 0; t < row.length; t++) {
                tokens[i * longest + t] = row[t];
                mask[i * longest + t] = 1;
            }
        }
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        inputs.put(EncoderGraph.IDS, longs(tokens, rows, longest));
        inputs.put(EncoderGraph.MASK, longs(mask, rows, longest));
        inputs.put(EncoderGraph.TOKEN_TYPES, longs(new long[tokens.length], rows, longest));
        inputs.keySet().retainAll(encoder.tokenInputs());
        return inputs;
    }

    private OnnxTensor longs(long[] values, long... shape) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }

    private OnnxTensor floats(float[] values, long... shape) throws OrtException {
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape);
    }

    private static float[] values(OrtSession.Result result, String name) throws OrtException {
        return ((OnnxTensor) result.get(name).orElseThrow()).getFloatBuffer().array();
    }
}
