package io.crosslm.edge.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    /** In the package's private train graph; its manifest vouches for that. */
    private void leaveNoiseOut(String parameter) throws IOException {
        Path manifest = directory.resolve("manifest.json");
        JsonObject json = JsonParser.parseString(Files.readString(manifest)).getAsJsonObject();
        String name = json.getAsJsonObject("graphs").get("trainPrivate").getAsString();
        Path file = directory.resolve(name);
        Graph graph = Graph.parse(Files.readAllBytes(file));
        NodeProto noisy =
                graph.nodes().stream()
                        .filter(node -> node.getInputList().contains(parameter + ".noise"))
                        .findFirst()
                        .orElseThrow();
        graph.remove(noisy);
        graph.addNamed(noisy.getOutput(0), "Identity", List.of(noisy.getInput(0)));
        graph.sortNodes();
        byte[] doctored = graph.toBytes();
        Files.write(file, doctored);
        for (JsonElement one : json.getAsJsonArray("files")) {
            if (one.getAsJsonObject().get("name").getAsString().equals(name)) {
                one.getAsJsonObject().addProperty("size", doctored.length);
                one.getAsJsonObject().addProperty("sha256", Sha256.hash(doctored).hex());
            }
        }
        Files.writeString(manifest, json.toString());
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
