package io.crosslm.coordinator.slm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.task.LightModel;
import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.Tasks;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.slm.SlmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class TaskPackagesTest {
    private static final String ON_BGE =
            "\"models\": [{\"name\": \"bge-head\", \"engine\": \"onnx\", \"encoder\": \"bge\"}]";

    @TempDir private Path directory;
    private ArtifactStore artifacts;

    @BeforeEach
    void open() throws Exception {
        artifacts = ArtifactStore.open(directory.resolve("artifacts"));
    }

    @Test
    void packageFor_modelsOfAnEngine_areDifferentAndTheSameOnEveryCall() {
        TaskPackages packages = packages(Map.of());
        TaskDefinition task = Tasks.weather("\"samplesPerRound\": 64");

        assertThat(LightModel.values())
                .extracting(
                        light ->
                                packages.packageFor(task, new SmallModel.Light("small", light))
                                        .getSha256())
                .doesNotHaveDuplicates();
        ArtifactReference cnn =
                packages.packageFor(task, new SmallModel.Light("small", LightModel.CNN));
        assertThat(packages.packageFor(task, new SmallModel.Light("other", LightModel.CNN)))
                .isEqualTo(cnn);
    }

    @Test
    void deleteSuperseded_packageOfNoTasksModel_isDeleted() {
        TaskPackages packages = packages(Map.of());
        Sha256 old = build(packages, LightModel.CNN);
        Sha256 announced = build(packages, LightModel.TRANSFORMER);
        TaskDefinition onBag =
                Tasks.weather(
                        "\"models\": [{\"name\": \"bag\", \"engine\": \"tflite\", \"light\":"
                                + " \"bag\"}]");
        SmallModel bag = onBag.settings().models().get(0);
        ArtifactReference present = packages.packageFor(onBag, bag);

        packages.deleteSuperseded(() -> List.of(onBag), Set.of(announced));

        assertThat(artifacts.find(old)).isEmpty();
        assertThat(artifacts.find(announced)).isPresent();
        assertThat(artifacts.find(Sha256.of(present.getSha256().toByteArray()))).isPresent();
        assertThat(packages.packageFor(onBag, bag)).isEqualTo(present);
        packages.deleteSuperseded(() -> List.of(onBag), Set.of());
        assertThat(artifacts.find(announced)).isEmpty();
    }

    @Test
    void deleteSuperseded_taskWhoseEncoderIsAway_deletesNothing() {
        TaskPackages packages = packages(Map.of());
        Sha256 built = build(packages, LightModel.CNN);

        assertThatThrownBy(
                        () ->
                                packages.deleteSuperseded(
                                        () -> List.of(Tasks.weather(ON_BGE)), Set.of()))
                .isInstanceOf(CoordinatorException.class);

        assertThat(artifacts.find(built)).isPresent();
    }

    private static Sha256 build(TaskPackages packages, LightModel light) {
        return Sha256.of(
                packages.packageFor(Tasks.weather(), new SmallModel.Light("small", light))
                        .getSha256()
                        .toByteArray());
    }

    @Test
    void check_encoderThatIsNotConfigured_isRefusedWithThoseThatAre() {
        Map<String, Encoders.Place> e5 =
                Map.of("e5", new Encoders.Place(directory.resolve("e5"), "MIT"));

        assertThatThrownBy(() -> packages(e5).check(Tasks.weather(ON_BGE)))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4001")
                .hasMessageContaining("expected an encoder out of [e5, minilm] but got \"bge\"")
                .hasMessageContaining("crosslm.slm.encoders.bge.path");
    }

    @Test
    void check_encoderWithoutFiles_namesTheSetting() {
        Map<String, Encoders.Place> nowhere =
                Map.of("bge", new Encoders.Place(directory.resolve("nowhere.jar"), "MIT"));

        assertThatThrownBy(() -> packages(nowhere).check(Tasks.weather(ON_BGE)))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4201: crosslm.slm.encoders.bge.path")
                .hasMessageContaining("nowhere.jar");
    }

    @Test
    void check_configuredEncoder_passes() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("bge"));
        Files.writeString(folder.resolve("bge-small.onnx"), "graph");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        TaskPackages packages = packages(Map.of("bge", new Encoders.Place(folder, "MIT")));

        assertThatCode(() -> packages.check(Tasks.weather(ON_BGE))).doesNotThrowAnyException();
    }

    @Test
    void packageFor_encoderThatIsNoModel_failsWithTheBuildersMessage() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("bge"));
        Files.writeString(folder.resolve("bge-small.onnx"), "graph");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        TaskPackages packages = packages(Map.of("bge", new Encoders.Place(folder, "MIT")));
        TaskDefinition task = Tasks.weather(ON_BGE);

        assertThatThrownBy(() -> packages.packageFor(task, task.settings().models().get(0)))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageStartingWith(
                        "COORD-4201: cannot build the package of model bge-head: SLM-2101: ")
                .hasCauseInstanceOf(SlmException.class);
    }

    @ParameterizedTest
    @MethodSource("damagedNotes")
    void packageFor_damagedNote_buildsAgain(byte[] damaged) throws Exception {
        SmallModel model = new SmallModel.Light("small", LightModel.CNN);
        ArtifactReference built =
                packages(Map.of()).packageFor(Tasks.weather("\"quorum\": 1"), model);
        List<Path> notes = files();
        assertThat(notes).hasSize(1);
        String hex = Files.readString(notes.get(0));
        Files.write(notes.get(0), damaged);

        assertThat(packages(Map.of()).packageFor(Tasks.weather("\"quorum\": 1"), model))
                .isEqualTo(built);
        assertThat(notes.get(0)).hasContent(hex);
    }

    static List<byte[]> damagedNotes() {
        return List.of(new byte[0], new byte[64], new byte[] {(byte) 0xFF, (byte) 0xFE});
    }

    @Test
    void packageFor_afterAKilledBuild_deletesWhatItLeft() throws Exception {
        Path folder = Files.createDirectories(directory.resolve("slm-packages"));
        Path left = Files.createTempFile(folder, "package", ".zip");
        Path part = Files.writeString(folder.resolve("00ff.part"), "00");

        packages(Map.of())
                .packageFor(
                        Tasks.weather("\"quorum\": 1"),
                        new SmallModel.Light("small", LightModel.CNN));

        assertThat(files()).hasSize(1).doesNotContain(left, part);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("slm-packages"))) {
            return files.toList();
        }
    }

    @Test
    void of_packageThatCannotBeWritten_isAFullDiskThatRoundsWaitFor() {
        SlmException full =
                new SlmException(SlmException.Code.STORAGE, "The package cannot be written");

        assertThat(SlmFailures.of("cannot build it", full))
                .hasMessage(
                        "COORD-4109: cannot build it: SLM-2105: The package cannot be written; is"
                                + " the disk full?")
                .hasCause(full)
                .extracting(CoordinatorException::code)
                .isEqualTo(CoordinatorException.Code.NO_DISK);
    }

    @Test
    void with_nameOfTheProductsOwnEncoder_isRefused() {
        Map<String, Encoders.Place> own =
                Map.of("minilm", new Encoders.Place(directory, "Apache-2.0"));

        assertThatThrownBy(() -> Encoders.with(own))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("crosslm.slm.encoders.minilm");
    }

    private TaskPackages packages(Map<String, Encoders.Place> encoders) {
        return new TaskPackages(
                Encoders.with(encoders), artifacts, directory.resolve("slm-packages"));
    }
}
