package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/** Maxima and means over windows of x [N, C, L…], or over all of it. d is the result's gradient. */
final class PoolingRules {
    private PoolingRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("MaxPool", PoolingRules::maximum);
        rules.put("AveragePool", PoolingRules::mean);
        rules.put("GlobalMaxPool", PoolingRules::globalMaximum);
        rules.put("GlobalAveragePool", PoolingRules::globalMean);
    }

    /** The operator's second result says where each maximum was. */
    private static void maximum(NodeProto node, String d, Backward pass) {
        if (Attributes.integer(node, "storage_order", 0) != 0) {
            throw Backward.refusal(node, "it counts column by column; export it row by row");
        }
        String places = pass.secondResult(node.getOutput(0));
        String x = node.getInput(0);
        pass.add(x, GatherRules.scattered(d, places, x, pass));
    }

    /** Every element of a window receives d over the window's number of elements. */
    private static void mean(NodeProto node, String d, Backward pass) {
        if (Attributes.integer(node, "ceil_mode", 0) != 0) {
            throw Backward.refusal(
                    node,
                    "its last windows may reach beyond the input; export it with ceil_mode 0");
        }
        String x = node.getInput(0);
        long[] kernel = Attributes.integers(node, "kernel_shape");
        Window window = Window.of(node, kernel.length);
        String one = pass.scalar(1, x);
        String ones =
                pass.op(
                        "Expand",
                        one,
                        pass.concat(pass.longs(1, 1), pass.longs(kernel))); // [1, 1, K]
        String count =
                Attributes.integer(node, "count_include_pad", 0) != 0
                        ? pass.scalar(LongStream.of(kernel).reduce(1, Math::multiplyExact), x)
                        : counts(x, ones, window, pass);
        String share = pass.op("Div", d, count);
        // Each channel is an image of its own.
        String shape = pass.concat(pass.longs(-1, 1), pass.imageSizes(d));
        String images = pass.reshaped(share, shape); // [N C, 1, O]
        String back = window.transposed(images, ones, 1, pass.imageSizes(x), pass); // [N C, 1, L]
        pass.add(x, pass.shapedAs(back, x));
    }

    /** How many elements of x each window holds: the window slid over ones. */
    private static String counts(String x, String ones, Window window, Backward pass) {
        String shape = pass.concat(pass.longs(1, 1), pass.imageSizes(x));
        String field = pass.op("Expand", pass.scalar(1, x), shape); // [1, 1, L]
        return pass.op(
                "Conv",
                Arrays.asList(field, ones),
                Attributes.of("pads", window.pads()),
                Attributes.of("strides", window.strides()),
                Attributes.of("dilations", window.dilations())); // [1, 1, O]
    }

    /** Equal maxima share the gradient. */
    private static void globalMaximum(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String chosen = pass.indicator(pass.op("Equal", x, node.getOutput(0)), x);
        String count = pass.sum(chosen, true, spatialAxes(x, pass));
        pass.add(x, pass.op("Mul", chosen, pass.op("Div", d, count)));
    }

    private static void globalMean(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0);
        String count = pass.op("Div", pass.op("Size", x), pass.op("Size", node.getOutput(0)));
        String share = pass.op("Div", d, pass.cast(count, x));
        pass.add(x, pass.op("Expand", share, pass.op("Shape", x)));
    }

    private static long[] spatialAxes(String x, Backward pass) {
        return LongStream.range(2, pass.rank(x)).toArray();
    }
}
