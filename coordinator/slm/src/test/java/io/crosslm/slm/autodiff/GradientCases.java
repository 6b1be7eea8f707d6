package io.crosslm.slm.autodiff;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.crosslm.slm.graph.Attributes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operators and forms of them, each on a random graph; a case returns its result's name. */
final class GradientCases {
    private final Map<String, Case> cases = new LinkedHashMap<>();

    /** Appends an operator to a sketch. */
    @FunctionalInterface
    interface Case {
        String build(Sketch s);
    }

    static Map<String, Case> all() {
        GradientCases all = new GradientCases();
        all.elementWise();
        all.functions();
        all.reductions();
        all.shapes();
        all.gathers();
        all.products();
        all.normalisations();
        ImageCases.addTo(all.cases);
        return all.cases;
    }

    /** Whether ONNX Runtime has the operator, or its gradient's, in float32 only. */
    static boolean single(String name) {
        return List.of(
                        "AveragePool",
                        "Conv",
                        "Cos",
                        "Elu",
                        "Erf",
                        "Gelu",
                        "GlobalAveragePool",
                        "GlobalMaxPool",
                        "Mean",
                        "PRelu",
                        "Sin",
                        "Softplus")
                .contains(name.replaceAll(",.*", ""));
    }

    private void elementWise() {
        for (String operator : List.of("Add", "Sub", "Mul")) {
            cases.put(operator, s -> s.op(operator, some(s), some(s)));
        }
        cases.put("Div", s -> s.op("Div", some(s), s.x(s.broadcast("ABC"), 0.5, 2)));
        for (String operator : List.of("Sum", "Mean", "Max", "Min")) {
            cases.put(operator, s -> s.op(operator, some(s), some(s), some(s)));
            cases.put(operator + ", one input", s -> s.op(operator, some(s)));
        }
        cases.put("Pow", s -> s.op("Pow", s.x(s.broadcast("ABC"), 0.5, 2), some(s)));
        cases.put("Pow, square", s -> s.op("Pow", some(s), s.graph().scalar(2f)));
        cases.put("Pow, cube", s -> s.op("Pow", some(s), s.scalar(3)));
        cases.put(
                "Pow, whole exponents",
                s -> {
                    s.size("D", 2);
                    return s.op("Pow", s.x("AD", 0.5, 2), s.longs(2, 3));
                });
        cases.put("PRelu", s -> s.op("PRelu", s.x("ABC"), s.x(s.broadcast("ABC"))));
        cases.put(
                "Where",
                s -> {
                    String condition = s.op("Greater", s.constant("BC"), s.scalar(0));
                    return s.op("Where", condition, some(s), some(s));
                });
        cases.put("Clip", s -> s.op("Clip", some(s), s.scalar(-1), s.scalar(0.5)));
        cases.put("Clip, no lower bound", s -> s.op("Clip", some(s), "", s.scalar(0.5)));
        cases.put("Clip, no bounds", s -> s.op("Clip", some(s)));
    }

    /** A value of A, B and C, some of which it may lack or have as 1. */
    private static String some(Sketch s) {
        return s.x(s.broadcast("ABC"));
    }

    private void functions() {
        for (String operator :
                List.of(
                        "Identity",
                        "Neg",
                        "Abs",
                        "Exp",
                        "Sin",
                        "Cos",
                        "Erf",
                        "Tanh",
                        "Sigmoid",
                        "Softplus",
                        "Relu",
                        "LeakyRelu",
                        "Elu",
                        "Dropout")) {
            cases.put(operator, s -> s.op(operator, some(s)));
        }
        for (String operator : List.of("Log", "Sqrt", "Reciprocal")) {
            cases.put(operator, s -> s.op(operator, s.x(s.broadcast("ABC"), 0.5, 3)));
        }
        cases.put(
                "LeakyRelu, alpha",
                s -> s.op("LeakyRelu", List.of(some(s)), Attributes.of("alpha", 0.3f)));
        cases.put("Gelu", s -> GeluForms.halfLast(s, some(s)));
        cases.put("Gelu, half first", s -> GeluForms.halfFirst(s, some(s)));
        cases.put("Gelu, half of the share", s -> GeluForms.halfShare(s, some(s)));
        cases.put("Elu, alpha", s -> s.op("Elu", List.of(some(s)), Attributes.of("alpha", 0.3f)));
        cases.put(
                "Cast",
                s ->
                        s.cast(
                                s.op("Exp", s.cast(some(s), TensorProto.DataType.DOUBLE)),
                                s.single()
                                        ? TensorProto.DataType.FLOAT
                                        : TensorProto.DataType.DOUBLE));
    }

    private void reductions() {
        for (String operator :
                List.of(
                        "ReduceMean",
                        "ReduceSumSquare",
                        "ReduceL2",
                        "ReduceLogSumExp",
                        "ReduceMax",
                        "ReduceMin")) {
            cases.put(operator, s -> s.op(operator, List.of(s.x("ABC")), axes(s), keep(s)));
            cases.put(operator + ", all", s -> s.op(operator, List.of(s.x("ABC")), keep(s)));
        }
        cases.put(
                "ReduceSum",
                s -> s.op("ReduceSum", List.of(s.x("ABC"), s.longs(someAxes(s))), keep(s)));
        cases.put("ReduceSum, all", s -> s.op("ReduceSum", List.of(s.x("ABC")), keep(s)));
        cases.put(
                "CumSum",
                s ->
                        s.op(
                                "CumSum",
                                List.of(s.x("ABC"), s.longs(s.random(3))),
                                Attributes.of("exclusive", s.random(2)),
                                Attributes.of("reverse", s.random(2))));
        for (String operator : List.of("Softmax", "LogSoftmax")) {
            cases.put(operator, s -> s.op(operator, s.x("ABC")));
            cases.put(
                    operator + ", axis",
                    s ->
                            s.op(
                                    operator,
                                    List.of(s.x("ABC")),
                                    Attributes.of("axis", s.random(6) - 3)));
        }
    }

    private static long[] someAxes(Sketch s) {
        long[][] choices = {{0}, {1}, {-1}, {0, 2}, {-1, -2}, {0, 1, 2}};
        return choices[s.random(choices.length)];
    }

    private static AttributeProto axes(Sketch s) {
        return Attributes.of("axes", someAxes(s));
    }

    private static AttributeProto keep(Sketch s) {
        return Attributes.of("keepdims", s.random(2));
    }

    private void shapes() {
        cases.put("Reshape", s -> s.op("Reshape", s.x("ABC"), s.longs(0, -1)));
        cases.put(
                "Flatten",
                s -> s.op("Flatten", List.of(s.x("ABC")), Attributes.of("axis", s.random(4))));
        cases.put("Squeeze", s -> s.op("Squeeze", s.x("A1B1"), s.longs(1, -1)));
        cases.put("Unsqueeze", s -> s.op("Unsqueeze", s.x("AB"), s.longs(0, -1)));
        cases.put("Transpose", s -> s.op("Transpose", s.x("ABC")));
        cases.put(
                "Transpose, order",
                s ->
                        s.op(
                                "Transpose",
                                List.of(s.x("ABC")),
                                Attributes.of("perm", new long[] {1, 2, 0})));
        cases.put("Expand", s -> s.op("Expand", some(s), s.op("Shape", s.constant("ABC"))));
        cases.put("Tile", s -> s.op("Tile", s.x("AB"), s.longs(1 + s.random(3), 2)));
        for (int axis : new int[] {0, 1, -1}) {
            AttributeProto along = Attributes.of("axis", axis);
            String d = axis == 1 ? "ADC" : axis == 0 ? "DBC" : "ABD";
            cases.put("Concat, axis " + axis, s -> s.op("Concat", xs(s, "ABC", d, "ABC"), along));
            cases.put(
                    "Split, axis " + axis,
                    s -> {
                        String x = s.op("Concat", xs(s, "ABC", "ABC"), along);
                        List<String> halves = s.graph().addAll("Split", List.of(x), 2, along);
                        return s.op("Mul", halves.get(0), s.op("Exp", halves.get(1)));
                    });
        }
        cases.put(
                "Split, one part unused",
                s -> {
                    s.size("A", 5);
                    return s.graph()
                            .addAll("Split", List.of(s.x("AB"), s.longs(1, 3, 1)), 3)
                            .get(1);
                });
        cases.put("Pad", s -> s.op("Pad", s.x("AB"), s.longs(0, 2, 1, s.random(3))));
        cases.put(
                "Pad, negative",
                s -> {
                    s.size("B", 4);
                    return s.op("Pad", s.x("AB"), s.longs(1, -1, 0, -2), s.scalar(7));
                });
        cases.put(
                "Trilu",
                s -> s.op("Trilu", List.of(s.x("ABB")), Attributes.of("upper", s.random(2))));
    }

    private static List<String> xs(Sketch s, String... letters) {
        return Arrays.stream(letters).map(s::x).toList();
    }

    private void gathers() {
        for (int axis : new int[] {0, 1, -1}) {
            AttributeProto along = Attributes.of("axis", axis);
            cases.put(
                    "Gather, axis " + axis,
                    s -> s.op("Gather", List.of(s.x("ABC"), s.longs(0, -1, 0)), along));
            cases.put(
                    "Gather, one of axis " + axis,
                    s -> s.op("Gather", List.of(s.x("ABC"), s.op("Squeeze", s.longs(0))), along));
        }
        cases.put(
                "GatherElements",
                s -> {
                    String zeros = s.op("Mul", s.constant("DB"), s.scalar(0));
                    String indexes = s.cast(zeros, TensorProto.DataType.INT64);
                    return s.op("GatherElements", s.x("AB"), indexes);
                });
        cases.put(
                "GatherND",
                s -> s.op("GatherND", s.x("ABC"), s.op("Unsqueeze", s.longs(0, -1), s.longs(0))));
        cases.put(
                "GatherND, batches",
                s -> {
                    s.size("A", 2);
                    String rows = s.op("Unsqueeze", s.longs(0, -1), s.longs(1));
                    return s.op(
                            "GatherND", List.of(s.x("ABC"), rows), Attributes.of("batch_dims", 1));
                });
        cases.put(
                "Slice",
                s -> {
                    s.dynamicSize("C", 2 + s.random(3));
                    return s.op(
                            "Slice",
                            s.x("ABC"),
                            s.longs(0, 1),
                            s.longs(Long.MAX_VALUE, 3),
                            s.longs(0, -1));
                });
        cases.put(
                "Slice, backwards and by steps",
                s ->
                        s.op(
                                "Slice",
                                s.x("ABC"),
                                s.longs(-1, 0),
                                s.longs(Long.MIN_VALUE, 9),
                                s.longs(1, 2),
                                s.longs(-1, 2)));
    }

    private void products() {
        String[][] factors = {
            {"AB", "BC"}, {"DAB", "BC"}, {"EDAB", "BC"}, {"DAB", "DBC"}, {"EDAB", "EDBC"},
            {"EDAB", "DBC"}, {"AB", "DBC"}, {"E1AB", "1DBC"}, {"1AB", "DBC"}, {"B", "BC"},
            {"AB", "B"}, {"B", "B"}, {"B", "DBC"}, {"DAB", "B"}
        };
        for (String[] pair : factors) {
            cases.put(
                    "MatMul, " + pair[0] + " " + pair[1],
                    s -> s.op("MatMul", s.x(pair[0]), s.x(pair[1])));
        }
        for (int turned = 0; turned < 4; turned++) {
            boolean a = turned % 2 == 1;
            boolean b = turned > 1;
            AttributeProto[] attributes = {
                Attributes.of("transA", a ? 1 : 0),
                Attributes.of("transB", b ? 1 : 0),
                Attributes.of("alpha", 0.7f),
                Attributes.of("beta", 1.3f)
            };
            cases.put(
                    "Gemm, " + (a ? "BA " : "AB ") + (b ? "CB" : "BC"),
                    s ->
                            s.op(
                                    "Gemm",
                                    List.of(
                                            s.x(a ? "BA" : "AB"),
                                            s.x(b ? "CB" : "BC"),
                                            s.x(s.broadcast("AC"))),
                                    attributes));
        }
        cases.put("Gemm, two inputs", s -> s.op("Gemm", s.x("AB"), s.x("BC")));
    }

    private void normalisations() {
        cases.put(
                "LayerNormalization",
                s -> {
                    s.size("C", 3);
                    return s.op(
                            "LayerNormalization",
                            List.of(s.x("ABC"), s.x("C"), s.x("C")),
                            Attributes.of("epsilon", 0.1f));
                });
        cases.put(
                "LayerNormalization, two axes, no bias",
                s ->
                        s.op(
                                "LayerNormalization",
                                List.of(s.x("ABC"), s.x("BC")),
                                Attributes.of("axis", 1),
                                Attributes.of("epsilon", 0.1f)));
        for (String letters : List.of("AB", "ABC", "ABCD")) {
            cases.put(
                    "BatchNormalization, " + letters,
                    s -> {
                        String mean = s.constant("B");
                        String variance = s.op("Add", s.constant("B"), s.scalar(3));
                        return s.op(
                                "BatchNormalization",
                                s.x(letters),
                                s.x("B"),
                                s.x("B"),
                                mean,
                                variance);
                    });
        }
    }
}
