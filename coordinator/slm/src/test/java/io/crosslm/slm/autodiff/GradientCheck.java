package io.crosslm.slm.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.classifier.GraphProbe;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import java.nio.DoubleBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the differentiator's gradients of sum(w y), w fixed numbers between -1 and 1, with
 * central differences (f(x + h) - f(x - h)) / 2h, both computed by ONNX Runtime.
 */
final class GradientCheck {
    private static final double DOUBLE_STEP = 1e-5;
    private static final double DOUBLE_TOLERANCE = 1e-6;
    private static final double SINGLE_STEP = 1e-2;
    private static final double SINGLE_TOLERANCE = 2e-3;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Sketch sketch;
    private final String objective;

    private GradientCheck(Sketch sketch, String result) {
        this.sketch = sketch;
        objective = objective(sketch, result);
    }

    /** Checks every element of every input of the graph that leads to a result. */
    static void check(Sketch sketch, String result) throws OrtException {
        new GradientCheck(sketch, result).run();
    }

    private static String objective(Sketch s, String result) {
        Graph g = s.graph();
        String y = s.single() ? s.cast(result, TensorProto.DataType.DOUBLE) : result;
        TensorProto.DataType type = TensorProto.DataType.DOUBLE;
        String count = s.cast(s.op("Size", y), type);
        String numbers = s.op("Range", g.scalar(0.0, type), count, g.scalar(1.0, type));
        String angles = s.op("Add", s.op("Mul", numbers, g.scalar(0.7, type)), g.scalar(1, type));
        String weights = s.op("Reshape", s.op("Sin", angles), s.op("Shape", y));
        return s.op("ReduceSum", List.of(s.op("Mul", y, weights)), Attributes.of("keepdims", 0));
    }

    private void run() throws OrtException {
        Graph derived = sketch.graph().copy();
        derived.addOutput(named(objective));
        Map<String, String> gradients =
                Differentiator.gradients(
                        derived, GraphProbe.shapes(sketch.graph()), objective, sketch.variables());
        gradients.values().forEach(gradient -> derived.addOutput(named(gradient)));
        derived.prune();
        Graph forward = sketch.graph().copy();
        forward.addOutput(named(objective));
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            try (OrtSession gradient = environment.createSession(derived.toBytes(), options);
                    OrtSession function = environment.createSession(forward.toBytes(), options)) {
                compare(gradients, gradient, function);
            }
        }
    }

    private void compare(Map<String, String> gradients, OrtSession gradient, OrtSession function)
            throws OrtException {
        Map<String, double[]> found = new LinkedHashMap<>();
        try (Run run = new Run(gradient, "", 0, 0)) {
            for (Map.Entry<String, String> entry : gradients.entrySet()) {
                found.put(entry.getKey(), run.values(entry.getValue()));
            }
        }
        for (Map.Entry<String, double[]> entry : found.entrySet()) {
            compare(function, entry.getKey(), entry.getValue());
        }
    }

    private void compare(OrtSession function, String input, double[] gradient) throws OrtException {
        double step = sketch.single() ? SINGLE_STEP : DOUBLE_STEP;
        double[] differences = new double[gradient.length];
        double scale = 1;
        for (int i = 0; i < gradient.length; i++) {
            differences[i] = (value(function, input, i, step) - value(function, input, i, -step));
            differences[i] /= 2 * step;
            scale = Math.max(scale, Math.abs(differences[i]));
        }
        double tolerance = scale * (sketch.single() ? SINGLE_TOLERANCE : DOUBLE_TOLERANCE);
        assertThat(gradient)
                .as("gradient of %s in %s", input, description())
                .containsExactly(differences, within(tolerance));
    }

    private String description() {
        StringBuilder text = new StringBuilder();
        for (NodeProto node : sketch.graph().nodes()) {
            text.append(node.getOpType()).append(node.getInputList()).append(' ');
        }
        sketch.inputs().forEach((n, i) -> text.append(n).append(List.of(boxed(i.shape()))));
        return text.toString();
    }

    private static Long[] boxed(long[] values) {
        Long[] boxed = new Long[values.length];
        for (int i = 0; i < boxed.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    private double value(OrtSession function, String input, int element, double change)
            throws OrtException {
        try (Run run = new Run(function, input, element, change)) {
            return run.values(objective)[0];
        }
    }

    private static ValueInfoProto named(String name) {
        return ValueInfoProto.newBuilder().setName(name).build();
    }

    /** One run with one element of one input changed. */
    private final class Run implements AutoCloseable {
        private final Map<String, OnnxTensor> tensors = new HashMap<>();
        private final OrtSession.Result result;

        Run(OrtSession session, String changed, int element, double change) throws OrtException {
            for (Map.Entry<String, Sketch.Input> input : sketch.inputs().entrySet()) {
                double[] values = input.getValue().values().clone();
                if (input.getKey().equals(changed)) {
                    values[element] += change;
                }
                tensors.put(
                        input.getKey(),
                        OnnxTensor.createTensor(
                                environment, DoubleBuffer.wrap(values), input.getValue().shape()));
            }
            result = session.run(tensors);
        }

        double[] values(String name) {
            OnnxTensor tensor = (OnnxTensor) result.get(name).orElseThrow();
            double[] values = new double[tensor.getDoubleBuffer().remaining()];
            tensor.getDoubleBuffer().get(values);
            return values;
        }

        @Override
        public void close() {
            result.close();
            tensors.values().forEach(OnnxTensor::close);
        }
    }
}
