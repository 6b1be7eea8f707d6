package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.protocol.Sha256;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.pack.SlmMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of MiniLM packages with differential privacy. */
final class OnnxPrivateTrainingTest {
    private static final List<String> LABELS = List.of("bad", "good");

    @TempDir private Path directory;

    @Test
    void train_headWithLittleNoise_learnsSeparableTexts() {
        MiniLmPackages.writePrivate(directory, SlmMode.HEAD, LABELS);
        TrainingSettings settings =
                new TrainingSettings(0.5, 60, 1).withPrivacy(new PrivateTraining(1, 0.1, 0.5));

        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            model.train(data(), settings, (epoch, epochs, loss) -> true);

            float[][] scores = model.score(List.of("a wonderful film", "an awful film"));
            assertThat(scores[0][1]).isGreaterThan(0.5f);
            assertThat(scores[1][0]).isGreaterThan(0.5f);
        }
    }

    /** With so small a rate nearly every step has no example in it, and noise all the same. */
    @Test
    void train_samplesWithoutExamples_changeTheModelByNoiseAlone() {
        MiniLmPackages.writePrivate(directory, SlmMode.HEAD, LABELS);
        TrainingSettings settings =
                new TrainingSettings(0.5, 1, 1).withPrivacy(new PrivateTraining(1, 1, 0.01));

        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            model.train(data(), settings, (epoch, epochs, loss) -> true);

            assertThat(model.score(List.of("a film"))[0][0]).isBetween(0f, 1f).isNotEqualTo(0.5f);
        }
    }

    @Test
    void train_packageWithoutTheGraph_saysHowToBuildOne() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        TrainingSettings settings =
                new TrainingSettings(0.5, 1, 1).withPrivacy(new PrivateTraining(1, 1, 0.5));

        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertThatThrownBy(() -> model.train(data(), settings, (epoch, epochs, loss) -> true))
                    .hasMessageContaining("SLM-2010")
                    .hasMessageContaining("--dp-sgd");
        }
    }

    /** The first step alone has all examples; it is not waited for. */
    @Test
    void train_cancelledInAStep_endsBetweenTwoExamples() {
        MiniLmPackages.writePrivate(directory, SlmMode.LORA, LABELS);
        AtomicInteger looks = new AtomicInteger();
        TrainingListener cancelling =
                new TrainingListener() {
                    @Override
                    public boolean epochDone(int epoch, int epochs, double loss) {
                        throw new AssertionError("the step was finished");
                    }

                    @Override
                    public boolean isWanted() {
                        return looks.incrementAndGet() < 3;
                    }
                };
        TrainingSettings settings =
                new TrainingSettings(0, 1, 1).withPrivacy(new PrivateTraining(1, 1, 1));

        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertThatThrownBy(() -> model.train(data(), settings, cancelling))
                    .hasMessageContaining("SLM-2005");
        }
        assertThat(looks).hasValueLessThan(data().training().size());
    }

    @Test
    void privateCourse_ofAPackage_countsWhatItsTrainingDoes() {
        MiniLmPackages.writePrivate(directory, SlmMode.LORA, LABELS);
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            PrivateCourse course = model.privateCourse(100, 2);
            AtomicInteger steps = new AtomicInteger();
            TrainingListener counting =
                    new TrainingListener() {
                        @Override
                        public boolean epochDone(int epoch, int epochs, double loss) {
                            return true;
                        }

                        @Override
                        public boolean stepDone(int step, int stepsInAll) {
                            steps.incrementAndGet();
                            return true;
                        }
                    };
            PrivateTraining privacy = new PrivateTraining(1, 1, course.samplingRate());
            model.train(data(), new TrainingSettings(0, 2, 1).withPrivacy(privacy), counting);
            assertThat(course.samplingRate()).isEqualTo(0.16);
            assertThat(steps).hasValue(course.steps());
        }
    }

    @Test
    void privateCourse_packageWithoutTheGraph_saysHowToBuildOne() {
        MiniLmPackages.write(directory, SlmMode.HEAD, LABELS);
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertThatThrownBy(() -> model.privateCourse(100, 2)).hasMessageContaining("SLM-2010");
        }
    }

    /** Before a device pays for a training that the engine would refuse. */
    @Test
    void checkPrivateTraining_ofAGraphThatLeavesTheNoiseOut_refuses() throws IOException {
        MiniLmPackages.writePrivate(directory, SlmMode.HEAD, LABELS);
        leaveNoiseOut("head.bias");
        try (LocalModel model = OnnxEngine.engine().open(directory)) {
            assertThatThrownBy(model::checkPrivateTraining)
                    .hasMessageContaining("SLM-2010")
                    .hasMessageContaining("does not add the noise to the gradient of head.bias");
        }
    }

    /** A generator's state would carry something from one text to the next. */
    @Test
    void checkPrivateTraining_ofGraphsThatDraw_refuses(@TempDir Path other) throws IOException {
        MiniLmPackages.writePrivate(directory, SlmMode.HEAD, LABELS);
        doctor(directory, "encode", OnnxPrivateTrainingTest::draw);
        MiniLmPackages.writePrivate(other, SlmMode.LORA, LABELS);
        doctor(other, "trainPrivate", OnnxPrivateTrainingTest::draw);
        for (Path drawing : List.of(directory, other)) {
            try (LocalModel model = OnnxEngine.engine().open(drawing)) {
                assertThatThrownBy(model::checkPrivateTraining)
                        .hasMessageContaining("SLM-2010")
                        .hasMessageContaining("it draws random numbers (RandomUniformLike)");
            }
        }
    }

    private static void draw(Graph graph) {
        NodeProto last = graph.nodes().get(graph.nodes().size() - 1);
        graph.add("RandomUniformLike", last.getOutput(0));
    }

    private void leaveNoiseOut(String parameter) throws IOException {
        doctor(
                directory,
                "trainPrivate",
                graph -> {
                    NodeProto noisy =
                            graph.nodes().stream()
                                    .filter(n -> n.getInputList().contains(parameter + ".noise"))
                                    .findFirst()
                                    .orElseThrow();
                    graph.remove(noisy);
                    graph.addNamed(noisy.getOutput(0), "Identity", List.of(noisy.getInput(0)));
                    graph.sortNodes();
                });
    }

    /** Changes one of a package's graphs; its manifest vouches for that. */
    private static void doctor(Path directory, String role, Consumer<Graph> change)
            throws IOException {
        Path manifest = directory.resolve("manifest.json");
        JsonObject json = JsonParser.parseString(Files.readString(manifest)).getAsJsonObject();
        String name = json.getAsJsonObject("graphs").get(role).getAsString();
        Path file = directory.resolve(name);
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
        Graph graph = Graph.parse(withoutWeights(model));
        change.accept(graph);
        byte[] doctored =
                model.toBuilder()
                        .setGraph(
                                model.getGraph().toBuilder().clearNode().addAllNode(graph.nodes()))
                        .build()
                        .toByteArray();
        Files.write(file, doctored);
        for (JsonElement one : json.getAsJsonArray("files")) {
            if (one.getAsJsonObject().get("name").getAsString().equals(name)) {
                one.getAsJsonObject().addProperty("size", doctored.length);
                one.getAsJsonObject().addProperty("sha256", Sha256.hash(doctored).hex());
            }
        }
        Files.writeString(manifest, json.toString());
    }

    /** Those beside the graph, which only the runtime reads. */
    private static byte[] withoutWeights(ModelProto model) {
        return model.toBuilder()
                .setGraph(model.getGraph().toBuilder().clearInitializer())
                .build()
                .toByteArray();
    }

    private static TrainingData data() {
        List<LabelledText> texts = new ArrayList<>();
        for (String thing : List.of("film", "story", "actor", "song", "scene", "ending")) {
            texts.add(new LabelledText("a wonderful, lovely " + thing, 1));
            texts.add(new LabelledText("an awful, boring " + thing, 0));
        }
        return new TrainingData(texts, List.of(), List.of());
    }
}
