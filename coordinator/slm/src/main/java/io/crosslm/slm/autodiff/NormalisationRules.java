package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Normalisation by mean and variance. x is the input, d the result's gradient. */
final class NormalisationRules {
    private static final float DEFAULT_EPSILON = 1e-5f;

    private NormalisationRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("LayerNormalization", NormalisationRules::layer);
        rules.put("BatchNormalization", NormalisationRules::batch);
    }

    /**
     * y = scale n + bias, n = (x - mean) / s, s = sqrt(variance + epsilon), over the axes from the
     * given one on (Ba et al. 2016, equation 4): with g = d scale, dx = (g - mean(g) - n mean(g n))
     * / s; dscale = sum(d n), dbias = sum(d).
     */
    private static void layer(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String scale = node.getInput(1);
        int rank = pass.rank(x);
        long first = Attributes.integer(node, "axis", -1);
        long[] axes = LongStream.range(first < 0 ? first + rank : first, rank).toArray();
        // The operator has mean and 1 / s as further results, but not every runtime fills them in
        // for every element type.
        String centred = pass.op("Sub", x, pass.mean(x, axes));
        String variance = pass.mean(pass.op("Mul", centred, centred), axes);
        String s = deviation(node, variance, x, pass);
        String n = pass.op("Div", centred, s);
        pass.addBroadcast(scale, pass.op("Mul", d, n), node.getOutput(0));
        Backward.input(node, 2).ifPresent(bias -> pass.addBroadcast(bias, d, node.getOutput(0)));
        if (pass.needs(x)) {
            String g = pass.op("Mul", d, scale);
            String along = pass.op("Mul", n, pass.mean(pass.op("Mul", g, n), axes));
            String across = pass.op("Sub", pass.op("Sub", g, pass.mean(g, axes)), along);
            pass.add(x, pass.op("Div", across, s));
        }
    }

    private static String deviation(NodeProto node, String variance, String like, Backward pass) {
        float epsilon = Attributes.number(node, "epsilon", DEFAULT_EPSILON);
        return pass.op("Sqrt", pass.op("Add", variance, pass.scalar(epsilon, like)));
    }

    /**
     * y = scale (x - mean) / s + bias with a fixed mean and variance of each channel, axis 1 (Ioffe
     * and Szegedy 2015, algorithm 2, step 11).
     */
    private static void batch(NodeProto node, String d, Backward pass) {
        if (Attributes.integer(node, "training_mode", 0) != 0
                || pass.needs(node.getInput(3))
                || pass.needs(node.getInput(4))) {
            throw Backward.refusal(
                    node, "it takes statistics of the batch; export the model in inference mode");
        }
        String x = node.getInput(0);
        int rank = pass.rank(x);
        long[] perChannel = LongStream.range(0, rank).map(i -> i == 1 ? -1 : 1).toArray();
        long[] others = IntStream.range(0, rank).filter(i -> i != 1).asLongStream().toArray();
        String s = deviation(node, node.getInput(4), x, pass);
        if (pass.needs(x)) {
            String slope = pass.op("Div", node.getInput(1), s);
            pass.add(x, pass.op("Mul", d, pass.reshaped(slope, pass.longs(perChannel))));
        }
        if (pass.needs(node.getInput(1))) {
            String mean = pass.reshaped(node.getInput(3), pass.longs(perChannel));
            String sums = pass.sum(pass.op("Mul", d, pass.op("Sub", x, mean)), false, others);
            pass.add(node.getInput(1), pass.op("Div", sums, s));
        }
        if (pass.needs(node.getInput(2))) {
            pass.add(node.getInput(2), pass.sum(d, false, others));
        }
    }
}
