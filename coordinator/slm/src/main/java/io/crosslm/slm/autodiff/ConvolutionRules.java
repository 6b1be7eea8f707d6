package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Convolution over one or more axes, with groups, strides, dilations and explicit pads (Dumoulin
 * and Visin 2016, chapter 4, on its transpose). Legend: N batch, G groups, C input channels and M
 * output channels of a group, L input sizes, O output sizes, K kernel sizes.
 */
final class ConvolutionRules {
    private ConvolutionRules() {}

    static void addTo(Map<String, GradientRule> rules) {
        rules.put("Conv", ConvolutionRules::convolution);
    }

    private static void convolution(NodeProto node, String d, Backward pass) {
        String x = node.getInput(0); // [N, G C, L]
        String w = node.getInput(1); // [G M, C, K]
        Window window = Window.of(node, pass.rank(x) - 2);
        long groups = Attributes.integer(node, "group", 1);
        if (pass.needs(x)) {
            pass.add(x, window.transposed(d, w, groups, pass.imageSizes(x), pass));
        }
        if (pass.needs(w)) {
            pass.add(w, kernelGradient(node, d, groups, window, pass));
        }
        Backward.input(node, 2)
                .filter(pass::needs)
                .ifPresent(bias -> pass.add(bias, pass.sum(d, false, window.allButChannels())));
    }

    /**
     * dw[m, c, k] = sum over n, o of d[n, m, o] x[n, c, o stride + k dilation - pad]: a convolution
     * of x by d in which batch and channels change places, and stride and dilation.
     */
    private static String kernelGradient(
            NodeProto node, String d, long groups, Window window, Backward pass) {
        String x = node.getInput(0);
        String w = node.getInput(1);
        String sizes = pass.imageSizes(x); // L
        String c = pass.size(w, 1);
        String n = pass.size(x, 0);
        String g = pass.longs(groups);
        int axes = window.axes();
        String grouped = pass.reshaped(x, pass.concat(n, g, c, sizes)); // [N, G, C, L]
        String turned = pass.transposed(grouped, order(axes + 3, 2, 1, 0)); // [C, G, N, L]
        String images =
                pass.reshaped(turned, pass.concat(c, pass.op("Mul", g, n), sizes)); // [C, G N, L]
        String kernels = pass.transposed(d, order(axes + 2, 1, 0)); // [G M, N, O]
        String products =
                pass.op(
                        "Conv",
                        Arrays.asList(images, kernels),
                        Attributes.of("group", groups),
                        Attributes.of("pads", window.pads()),
                        Attributes.of("strides", window.dilations()),
                        Attributes.of("dilations", window.strides())); // [C, G M, K or more]
        String all = pass.transposed(products, order(axes + 2, 1, 0)); // [G M, C, K or more]
        // Where a stride leaves some of the input out at the end, there are kernels too many.
        String kernelSizes = pass.imageSizes(w); // K
        return pass.op(
                "Slice",
                all,
                pass.longs(new long[axes]),
                kernelSizes,
                pass.longs(LongStream.range(2, axes + 2).toArray()));
    }

    /** An order of so many dimensions that begins with the given ones; the others follow. */
    private static long[] order(int rank, long... first) {
        long[] order = Arrays.copyOf(first, rank);
        for (int i = first.length; i < rank; i++) {
            order[i] = i;
        }
        return order;
    }
}
