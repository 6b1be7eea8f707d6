package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import io.crosslm.slm.graph.Attributes;
import java.util.List;
import java.util.Map;

/** Convolution and pooling over one and two axes, with random windows. */
final class ImageCases {
    private ImageCases() {}

    static void addTo(Map<String, GradientCases.Case> cases) {
        for (int axes = 1; axes <= 2; axes++) {
            int count = axes;
            String letters = "NCHW".substring(0, 2 + axes);
            for (int groups = 1; groups <= 2; groups++) {
                int g = groups;
                cases.put(
                        "Conv, " + axes + " axes, " + groups + " groups",
                        s -> convolution(s, count, g));
            }
            cases.put("MaxPool, " + axes + " axes", s -> pool(s, "MaxPool", count));
            cases.put("AveragePool, " + axes + " axes", s -> pool(s, "AveragePool", count));
            cases.put(
                    "AveragePool, " + axes + " axes, pads count",
                    s -> {
                        sizes(s, count);
                        return s.op(
                                "AveragePool",
                                List.of(s.x(letters)),
                                Attributes.of("kernel_shape", all(count, 3)),
                                Attributes.of("pads", all(2 * count, 1)),
                                Attributes.of("count_include_pad", 1));
                    });
            cases.put("GlobalMaxPool, " + axes + " axes", s -> s.op("GlobalMaxPool", s.x(letters)));
            cases.put(
                    "GlobalAveragePool, " + axes + " axes",
                    s -> s.op("GlobalAveragePool", s.x(letters)));
        }
    }

    private static void sizes(Sketch s, int axes) {
        for (int i = 0; i < axes; i++) {
            String letter = i == 0 ? "H" : "W";
            int size = 5 + s.random(axes == 1 ? 5 : 2);
            if (s.chance()) {
                s.dynamicSize(letter, size);
            } else {
                s.size(letter, size);
            }
        }
    }

    private static String convolution(Sketch s, int axes, int groups) {
        sizes(s, axes);
        int own = 1 + s.random(2);
        s.size("C", own * groups);
        s.size("D", own);
        s.size("M", groups * (1 + s.random(2)));
        s.size("K", 1 + s.random(3));
        s.size("L", 1 + s.random(3));
        String kernel = axes == 1 ? "MDK" : "MDKL";
        String image = axes == 1 ? "NCH" : "NCHW";
        List<String> inputs =
                s.chance()
                        ? List.of(s.x(image), s.x(kernel), s.x("M"))
                        : List.of(s.x(image), s.x(kernel));
        return s.op(
                "Conv",
                inputs,
                Attributes.of("group", groups),
                random(s, "strides", axes, 1, 3),
                random(s, "dilations", axes, 1, 2),
                random(s, "pads", 2 * axes, 0, 3));
    }

    private static String pool(Sketch s, String operator, int axes) {
        sizes(s, axes);
        return s.op(
                operator,
                List.of(s.x(axes == 1 ? "NCH" : "NCHW")),
                Attributes.of("kernel_shape", all(axes, 2 + s.random(2))),
                random(s, "strides", axes, 1, 3),
                random(s, "pads", 2 * axes, 0, 2));
    }

    /** Whole numbers from low to below high. */
    private static AttributeProto random(Sketch s, String name, int count, int low, int high) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = low + s.random(high - low);
        }
        return Attributes.of(name, values);
    }

    private static long[] all(int count, long value) {
        long[] values = new long[count];
        java.util.Arrays.fill(values, value);
        return values;
    }
}
