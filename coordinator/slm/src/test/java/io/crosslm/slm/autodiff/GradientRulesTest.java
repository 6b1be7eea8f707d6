package io.crosslm.slm.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.classifier.GraphProbe;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.ValueType;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every gradient rule against finite differences, over random shapes and broadcasting. */
final class GradientRulesTest {
    private static final int REPEATS = 12;
    private static final Map<String, GradientCases.Case> CASES = GradientCases.all();

    static Stream<String> cases() {
        return CASES.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradients_ofARandomGraph_areTheFiniteDifferences(String name) throws OrtException {
        for (int seed = 0; seed < REPEATS; seed++) {
            Sketch sketch = sketch(name, seed);
            GradientCheck.check(sketch, CASES.get(name).build(sketch));
        }
    }

    @Test
    void cases_together_tryEveryOperatorThatHasARule() {
        Set<String> tried = new TreeSet<>();
        CASES.forEach(
                (name, build) -> {
                    Sketch sketch = sketch(name, 0);
                    build.build(sketch);
                    sketch.graph().nodes().stream().map(NodeProto::getOpType).forEach(tried::add);
                });

        assertThat(tried).containsAll(Differentiator.operators());
    }

    private static Sketch sketch(String name, int seed) {
        return new Sketch(new Random(31L * name.hashCode() + seed), GradientCases.single(name));
    }

    /** The rules of the single operators would read x again and have Erf's own slope. */
    @Test
    void gradients_ofEveryFormOfGelu_areThoseOfTheWhole() {
        for (BiFunction<Sketch, String, String> form :
                List.<BiFunction<Sketch, String, String>>of(
                        GeluForms::halfLast, GeluForms::halfFirst, GeluForms::halfShare)) {
            Sketch sketch = new Sketch(new Random(1), true);
            String x = sketch.x("AB");
            String y = sketch.op("ReduceSum", form.apply(sketch, x));
            Graph graph = sketch.graph();
            int before = graph.nodes().size();
            Differentiator.gradients(graph, GraphProbe.shapes(graph), y, sketch.variables());

            assertThat(graph.nodes().subList(before, graph.nodes().size()))
                    .noneMatch(node -> node.getInputList().contains(x));
        }
    }

    /**
     * Finite differences see half a slope there. PyTorch 2.15 gives 0 for clamp, hardtanh and
     * relu6, all of which are exported as Clip: of the slopes 0 and 1 on the two sides, the
     * smaller.
     */
    @Test
    void gradients_ofClipAtABound_areZero() throws OrtException {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats(5).named("x"));
        String y = graph.add("Clip", "x", graph.scalar(-1f), graph.scalar(0.5f));
        String sum = graph.add("ReduceSum", y);
        Map<String, String> gradients =
                Differentiator.gradients(graph, GraphProbe.shapes(graph), sum, List.of("x"));
        graph.addOutput(ValueInfoProto.newBuilder().setName(gradients.get("x")).build());
        graph.prune();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        float[] x = {-2, -1, 0, 0.5f, 2};
        try (OrtSession session = environment.createSession(graph.toBytes());
                OnnxTensor input = OnnxTensor.createTensor(environment, x);
                OrtSession.Result found = session.run(Map.of("x", input))) {
            assertThat((float[]) found.get(0).getValue()).containsExactly(0, 0, 1, 0, 0);
        }
    }

    @Test
    void gradients_unknownOperator_namesTheNodeAndSaysWhatToDo() {
        assertRefused(true, s -> s.op("Asin", s.x("A", -0.5, 0.5)))
                .hasMessageContaining("SLM-2103")
                .hasMessageContaining("_Asin (Asin)")
                .hasMessageContaining("mode head")
                .hasMessageContaining("add a rule");
    }

    @Test
    void gradients_quantisedOperator_saysWhichModeTrains() {
        assertRefused(
                        true,
                        s -> {
                            String scale = s.graph().scalar(0.1f);
                            String whole = s.op("QuantizeLinear", s.x("A"), scale);
                            return s.op("DequantizeLinear", whole, scale);
                        })
                .hasMessageContaining("mode head");
    }

    @Test
    void gradients_formsWithoutARule_areRefusedWithAReason() {
        assertRefused(
                        true,
                        s ->
                                s.op(
                                        "Conv",
                                        List.of(s.x("NCH"), s.x("1CH")),
                                        Attributes.of("auto_pad", "SAME_UPPER")))
                .hasMessageContaining("(Conv)")
                .hasMessageContaining("explicit pads");
        assertRefused(
                        false,
                        s ->
                                s.op(
                                        "Pad",
                                        List.of(s.x("AB"), s.longs(0, 0, 0, 0)),
                                        Attributes.of("mode", "edge")))
                .hasMessageContaining("(Pad)")
                .hasMessageContaining("pad with a constant");
        assertRefused(false, s -> s.op("Clip", s.x("A"), s.x("")))
                .hasMessageContaining("a bound is trained");
    }

    @Test
    void gradients_unusedParameter_isNamed() {
        Graph graph = new Graph();
        graph.addInput(ValueType.floats().named("x"));
        graph.addInput(ValueType.floats().named("other"));
        String y = graph.add("Exp", "x");

        assertThatThrownBy(
                        () ->
                                Differentiator.gradients(
                                        graph, GraphProbe.shapes(graph), y, List.of("x", "other")))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("does not depend on other");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
            boolean single, GradientCases.Case build) {
        Sketch sketch = new Sketch(new Random(1), single);
        String result = build.build(sketch);
        return assertThatThrownBy(() -> GradientCheck.check(sketch, result))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("SLM-2103");
    }
}
