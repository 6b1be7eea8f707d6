package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.NodeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * How a window slides over the axes of an input [N, channels, L…]: strides, dilations, and pads,
 * first those before and then those after each axis. Immutable.
 */
final class Window {
    private final long[] strides;
    private final long[] dilations;
    private final long[] pads;

    private Window(long[] strides, long[] dilations, long[] pads) {
        this.strides = strides;
        this.dilations = dilations;
        this.pads = pads;
    }

    /**
     * The window of a convolution or a pooling.
     *
     * @throws io.crosslm.slm.SlmException if its pads depend on the input's size
     */
    static Window of(NodeProto node, int axes) {
        String automatic = Attributes.text(node, "auto_pad", "NOTSET");
        if (automatic.startsWith("SAME")) {
            throw Backward.refusal(
                    node,
                    "auto_pad "
                            + automatic
                            + " makes its pads depend on the input's size; export it with explicit"
                            + " pads");
        }
        long[] pads = Attributes.integers(node, "pads");
        return new Window(
                orOnes(Attributes.integers(node, "strides"), axes),
                orOnes(Attributes.integers(node, "dilations"), axes),
                pads.length == 0 || automatic.equals("VALID") ? new long[2 * axes] : pads);
    }

    private static long[] orOnes(long[] values, int count) {
        return values.length > 0 ? values : LongStream.generate(() -> 1).limit(count).toArray();
    }

    int axes() {
        return strides.length;
    }

    long[] strides() {
        return strides.clone();
    }

    long[] dilations() {
        return dilations.clone();
    }

    long[] pads() {
        return pads.clone();
    }

    /** Every axis of an image tensor but that of the channels. */
    long[] allButChannels() {
        long[] axes = new long[axes() + 1];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = i + 1L;
        }
        return axes;
    }

    /**
     * The adjoint of sliding a kernel over x: every element of d [N, G M, O] puts the kernel [G M,
     * C, K], times itself, where its window lay. The pads are cut off afterwards; what no window
     * reached at the end of x is 0.
     *
     * @param sizes L, a vector
     */
    String transposed(String d, String kernel, long groups, String sizes, Backward pass) {
        String whole =
                pass.op(
                        "ConvTranspose",
                        Arrays.asList(d, kernel),
                        Attributes.of("group", groups),
                        Attributes.of("strides", strides),
                        Attributes.of("dilations", dilations));
        int axes = axes();
        long[] before = new long[axes];
        for (int i = 0; i < axes; i++) {
            before[i] = -pads[i];
        }
        String missing = pass.op("Sub", sizes, pass.imageSizes(whole));
        String after = pass.op("Sub", missing, pass.longs(before));
        String none = pass.longs(0, 0);
        return pass.op("Pad", whole, pass.concat(none, pass.longs(before), none, after));
    }
}
