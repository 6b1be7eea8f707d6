package io.crosslm.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.engine.InstalledEngines;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** crosslm slm, on an encoder of 61 tokens whose weights are formulas. */
final class SlmCommandTest {
    private static final int VOCABULARY = 61;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    @TempDir private Path folder;

    @BeforeEach
    void writeEncoder() throws IOException {
        Goldens.copy(folder, "formula-bert/bert.onnx");
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer(VOCABULARY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "lora", "full", "bias"})
    void build_encoderInFiles_opensOnADevice(String mode) throws IOException {
        assertThat(build("--labels", "no,yes,may be", "--mode", mode)).isZero();

        Path unpacked = folder.resolve("unpacked");
        PackageArchive.unpack(folder.resolve("out.zip"), unpacked, 1 << 20);
        try (LocalModel model = OnnxEngine.engine().open(unpacked)) {
            assertThat(model.labels()).containsExactly("no", "yes", "may be");
            assertThat(model.score(List.of("w5 w6", "w7"))).hasNumberOfRows(2);
            assertThat(run("slm", "show", path("out.zip"))).isZero();
            assertThat(out.toString()).contains("mode       " + mode);
        }
    }

    @Test
    void build_loraTargets_adaptsTheLayersOfThatName() {
        build("--labels", "no,yes", "--mode", "lora", "--lora-targets", "layer.0.*.key,dense");

        run("slm", "show", path("out.zip"));
        // Key of layer 0 and three layers called dense in each of both: 7 adapters, and the head.
        assertThat(out.toString()).contains("trained    16 tensors");
    }

    @Test
    void build_loraTargetsOfNoLayer_listsTheLayers() {
        int status = build("--labels", "no,yes", "--mode", "lora", "--lora-targets", "q_lin");

        assertThat(status).isEqualTo(1);
        assertThat(err.toString())
                .contains("SLM-2101")
                .contains("no linear layer named [q_lin]")
                .contains("query, key, value, dense");
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "lora", "full", "bias"})
    void build_dpSgd_addsAGraphForPrivateTraining(String mode) {
        assertThat(build("--labels", "no,yes", "--mode", mode, "--dp-sgd")).isZero();

        run("slm", "show", path("out.zip"));
        assertThat(out.toString()).contains("trainPrivate trainPrivate.onnx").contains("yes, all");
    }

    @ParameterizedTest
    @ValueSource(strings = {"head", "lora"})
    void build_poolingCls_opensOnADeviceAndIsShown(String mode) throws IOException {
        assertThat(build("--labels", "no,yes", "--mode", mode, "--pooling", "cls")).isZero();

        Path unpacked = folder.resolve("unpacked");
        PackageArchive.unpack(folder.resolve("out.zip"), unpacked, 1 << 20);
        try (LocalModel model = OnnxEngine.engine().open(unpacked)) {
            assertThat(model.score(List.of("w5 w6", "w7"))).hasNumberOfRows(2);
        }
        run("slm", "show", path("out.zip"));
        assertThat(out.toString()).contains("pooled by cls, of length 1");
    }

    @Test
    void build_poolingThatIsNotKnown_isWrongUsage() {
        assertThat(build("--labels", "no,yes", "--pooling", "max")).isEqualTo(2);
        assertThat(err.toString()).contains("mean or cls was expected");
    }

    @Test
    void build_classBalanceAndPatience_areInTheManifestOfBothEngines() {
        build("--labels", "no,yes", "--class-balance", "0.5", "--patience", "3");
        light("--class-balance", "1", "--patience", "7");

        run("slm", "show", path("out.zip"));
        assertThat(out.toString()).contains("classBalance 0.5, patience 3");
        run("slm", "show", path("light.zip"));
        assertThat(out.toString()).contains("classBalance 1.0, patience 7");
    }

    @ParameterizedTest
    @CsvSource({"--class-balance, 1.5", "--class-balance, NaN", "--patience, -1"})
    void build_choicesOutOfRange_areWrongUsage(String option, String value) {
        assertThat(build("--labels", "no,yes", option, value)).isEqualTo(2);
        assertThat(err.toString()).contains("SLM-2102").contains("must be from 0 to");
        assertThat(light(option, value)).isEqualTo(2);
    }

    @Test
    void build_loraTargetsInAnotherMode_isWrongUsage() {
        assertThat(build("--labels", "no,yes", "--lora-targets", "query")).isEqualTo(2);
        assertThat(err.toString()).contains("--lora-targets goes with --mode lora");
    }

    @Test
    void build_done_tellsFileBytesHashAndTime() throws IOException {
        build("--labels", "no,yes");

        byte[] built = Files.readAllBytes(folder.resolve("out.zip"));
        assertThat(out.toString())
                .contains("file     " + folder.resolve("out.zip"))
                .contains(String.format(Locale.ROOT, "bytes    %,d", built.length))
                .contains("SHA-256  " + Goldens.sha256(built))
                .containsPattern("time     \\d+\\.\\d s");
    }

    @Test
    void show_builtPackage_tellsWhatIsInItAndThatItIsRight() {
        build("--labels", "no,yes", "--mode", "lora", "--licence", "MIT");

        assertThat(run("slm", "show", path("out.zip"))).isZero();
        assertThat(out.toString())
                .contains("encoder    bert, licence MIT")
                .contains("mode       lora")
                .contains("labels     2: no, yes")
                .contains("opset      17")
                .contains("trained    10 tensors, 1,058 numbers")
                .contains("graphs     score score.onnx, train train.onnx")
                .contains("verified   yes, all 5 files are those of the manifest");
    }

    @Test
    void build_engineTflite_makesASmallPackageThatItsEngineOpens() throws IOException {
        Path zip = folder.resolve("light.zip");
        assertThat(
                        run(
                                "slm",
                                "build",
                                "--labels",
                                "no,yes",
                                "--engine",
                                "tflite",
                                "--out",
                                path("light.zip")))
                .isZero();

        assertThat(Files.size(zip)).isLessThan(100_000);
        assertThat(run("slm", "show", path("light.zip"))).isZero();
        assertThat(out.toString()).contains("engine     tflite").contains("kind hashed-ngrams");
        Path unpacked = folder.resolve("light");
        PackageArchive.unpack(zip, unpacked, 1 << 20);
        try (LocalModel model = InstalledEngines.forPackage(unpacked).open(unpacked)) {
            assertThat(model.score(List.of("a text"))[0]).containsExactly(0.5f, 0.5f);
        }
        assertThatThrownBy(() -> OnnxEngine.engine().open(unpacked))
                .hasMessageStartingWith("SLM-2008");
    }

    @Test
    void build_lightCnnWithAdam_makesAPackageThatPassesItsCheck() throws IOException {
        assertThat(light("--light", "cnn", "--optimiser", "adam")).isZero();

        assertThat(Files.size(folder.resolve("light.zip"))).isLessThan(100_000);
        assertThat(run("slm", "show", path("light.zip"))).isZero();
        assertThat(out.toString()).contains("encoder    hashed-words-cnn", "kind hashed-words");
        assertThat(run("slm", "check", path("light.zip"))).isZero();
        assertThat(out.toString())
                .contains("right  train takes any number of texts")
                .contains("The model keeps the contract.");
    }

    @Test
    void build_lightTransformer_makesAPackageThatPassesItsCheck() throws IOException {
        assertThat(light("--light", "transformer")).isZero();

        assertThat(Files.size(folder.resolve("light.zip"))).isLessThan(200_000);
        assertThat(run("slm", "show", path("light.zip"))).isZero();
        assertThat(out.toString()).contains("encoder    hashed-words-transformer");
        assertThat(run("slm", "check", path("light.zip"))).isZero();
        assertThat(out.toString())
                .contains("layer0_attention_in_weight")
                .contains("The model keeps the contract.");
    }

    @Test
    void build_trainedWithOptimiser_isWrongUsage() {
        assertThat(light("--trained", "bag.safetensors", "--optimiser", "adam")).isEqualTo(2);
        assertThat(err.toString()).contains("and --trained that of --optimiser");
    }

    @Test
    void build_trainedBag_makesASmallerPackageThatScoresOnly() throws IOException {
        Files.write(folder.resolve("bag.safetensors"), bag(64, 4, 2));

        assertThat(light("--trained", path("bag.safetensors"))).isZero();

        assertThat(run("slm", "check", path("light.zip"))).isZero();
        assertThat(out.toString()).contains("note   there is none of train, save and restore");
        Path unpacked = folder.resolve("light");
        PackageArchive.unpack(folder.resolve("light.zip"), unpacked, 1 << 20);
        try (LocalModel model = InstalledEngines.forPackage(unpacked).open(unpacked)) {
            assertThat(model.score(List.of("a text"))[0][0]).isGreaterThan(0.6f);
        }
    }

    @Test
    void build_trainedBagOfOtherLabels_isWrongUsage() throws IOException {
        Files.write(folder.resolve("bag.safetensors"), bag(64, 4, 3));

        assertThat(light("--trained", path("bag.safetensors"))).isEqualTo(2);
        assertThat(err.toString()).contains("A model of 3 labels came where 2 were expected");
    }

    @Test
    void build_trainedNumbersOfAnotherLightModel_isWrongUsage() throws IOException {
        Files.write(folder.resolve("bag.safetensors"), bag(64, 4, 2));

        assertThat(light("--light", "cnn", "--trained", path("bag.safetensors"))).isEqualTo(2);
        assertThat(err.toString()).contains("expected a parameter filter_bias");
    }

    /** Numbers by which the first label is likelier. */
    private static byte[] bag(int rows, int size, int labels) {
        String header =
                String.format(
                        Locale.ROOT,
                        "{\"embedding\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]},"
                                + "\"head_weight\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]},"
                                + "\"head_bias\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[%d,%d]}}",
                        rows,
                        size,
                        4 * rows * size,
                        labels,
                        size,
                        4 * rows * size,
                        4 * (rows + labels) * size,
                        labels,
                        4 * (rows + labels) * size,
                        4 * (rows + labels) * size + 4 * labels);
        byte[] bytes = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(8 + bytes.length + 4 * ((rows + labels) * size + labels))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(bytes.length)
                        .put(bytes);
        for (int i = 0; i < rows * size; i++) {
            file.putFloat(0.25f);
        }
        for (int i = 0; i < labels * size; i++) {
            file.putFloat(i < size ? 1 : 0);
        }
        return file.array();
    }

    @Test
    void build_lightModelThatIsNotKnown_isWrongUsage() {
        assertThat(light("--light", "lstm")).isEqualTo(2);
        assertThat(err.toString()).contains("bag, cnn or transformer was expected");
    }

    @Test
    void check_modelOfOtherLabels_saysSoAndFails() throws IOException {
        Files.write(folder.resolve("own.tflite"), EmbeddingBagModel.write(64, 4, 2, 1));

        assertThat(run("slm", "check", "--labels", "3", "--buckets", "64", path("own.tflite")))
                .isEqualTo(1);
        assertThat(out.toString()).contains("WRONG  SLM-").contains("1 thing is wrong.");
    }

    @Test
    void check_packageWithOptionsOfAFile_isWrongUsage() {
        light();

        assertThat(run("slm", "check", "--labels", "2", path("light.zip"))).isEqualTo(2);
        assertThat(err.toString()).contains("are for a .tflite file");
    }

    private int light(String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of("slm", "build", "--labels", "no,yes", "--engine", "tflite"));
        arguments.addAll(List.of("--out", path("light.zip")));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void build_engineTfliteWithEncoder_isWrongUsage() {
        assertThat(build("--labels", "no,yes", "--engine", "tflite")).isEqualTo(2);
        assertThat(err.toString())
                .contains("--encoder, --mode and --dp-sgd are for --engine onnx only");
    }

    @Test
    void show_fileOfOtherBytes_namesItAndFails() throws IOException {
        build("--labels", "no,yes");
        byte[] bytes = Files.readAllBytes(folder.resolve("out.zip"));
        String zip = new String(bytes, StandardCharsets.ISO_8859_1);
        // The stored tokenizer's text; its length stays, the zip's checksum and the hash do not.
        String changed = zip.replaceFirst("\"w7\"", "\"v7\"");
        Files.write(folder.resolve("out.zip"), changed.getBytes(StandardCharsets.ISO_8859_1));

        assertThat(run("slm", "show", path("out.zip"))).isEqualTo(1);
        assertThat(out.toString()).contains("verified   NO: tokenizer.json");
    }

    @Test
    void show_labelWithControlCharacters_doesNotReachTheTerminal() {
        build("--labels", "no\u001b[31m,yes");

        run("slm", "show", path("out.zip"));

        assertThat(out.toString()).doesNotContain("\u001b").contains("no?[31m");
    }

    @Test
    void show_noSuchFile_saysSo() {
        assertThat(run("slm", "show", path("none.zip"))).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5007").contains("there is no file");
    }

    @Test
    void show_packageCutShort_saysSo() throws IOException {
        build("--labels", "no,yes");
        byte[] bytes = Files.readAllBytes(folder.resolve("out.zip"));
        Files.write(folder.resolve("out.zip"), Arrays.copyOf(bytes, bytes.length / 2));

        assertThat(run("slm", "show", path("out.zip"))).isEqualTo(1);
        assertThat(err.toString()).contains("TOOL-5007").contains("cut short");
    }

    @ParameterizedTest
    @ValueSource(strings = {"only", "no,no", "no,,yes"})
    void build_labelsOfNoTask_isWrongUsage(String labels) {
        assertThat(build("--labels", labels)).isEqualTo(2);
        assertThat(err.toString()).startsWith("SLM-2102").contains("Usage: crosslm slm build");
        assertThat(folder.resolve("out.zip")).doesNotExist();
    }

    @Test
    void build_unknownMode_isWrongUsage() {
        assertThat(build("--labels", "no,yes", "--mode", "all")).isEqualTo(2);
        assertThat(err.toString()).contains("head, lora, full or bias was expected");
    }

    @Test
    void build_encoderWithoutTokenizer_isWrongUsage() {
        int status =
                run(
                        "slm",
                        "build",
                        "--labels",
                        "no,yes",
                        "--out",
                        path("x.zip"),
                        "--encoder",
                        path("bert.onnx"));

        assertThat(status).isEqualTo(2);
        assertThat(err.toString()).contains("--tokenizer");
    }

    @Test
    void build_noSuchEncoder_namesTheFile() throws IOException {
        Files.delete(folder.resolve("bert.onnx"));

        assertThat(build("--labels", "no,yes")).isEqualTo(1);
        assertThat(err.toString())
                .contains("SLM-2101")
                .contains("there is no file " + folder.resolve("bert.onnx"));
    }

    @Test
    void build_encoderCutShort_saysSo() throws IOException {
        byte[] bytes = Files.readAllBytes(folder.resolve("bert.onnx"));
        Files.write(folder.resolve("bert.onnx"), Arrays.copyOf(bytes, bytes.length / 2));

        assertThat(build("--labels", "no,yes")).isEqualTo(1);
        assertThat(err.toString()).contains("SLM-2101").contains("cut short");
        assertThat(folder.resolve("out.zip")).doesNotExist();
    }

    @Test
    void build_tokenizerOfALanguageModel_saysThatTheyDoNotBelongTogether() throws IOException {
        Files.write(
                folder.resolve("tokenizer.json"),
                Goldens.bytes("formula-llama/model/tokenizer.json"));

        assertThat(build("--labels", "no,yes")).isEqualTo(1);
        assertThat(err.toString()).contains("SLM-2101").contains("do not belong together");
    }

    @Test
    void build_tokenizerOfAnotherModel_saysThatTheyDoNotBelongTogether() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer(VOCABULARY + 1));

        assertThat(build("--labels", "no,yes")).isEqualTo(1);
        assertThat(err.toString()).contains("62 tokens but the encoder knows 61");
    }

    private int build(String... options) {
        List<String> arguments = new ArrayList<>(List.of("slm", "build"));
        arguments.addAll(List.of("--encoder", path("bert.onnx")));
        arguments.addAll(List.of("--tokenizer", path("tokenizer.json")));
        arguments.addAll(List.of("--out", path("out.zip")));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(new String[0]));
    }

    private int run(String... arguments) {
        CommandLine commandLine = ToolsCommand.commandLine();
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(arguments);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    /** A WordPiece of BERT's control tokens and the words w5, w6 … */
    static String tokenizer(int size) {
        JsonObject root =
                JsonParser.parseString(
                                "{'normalizer': {'type': 'BertNormalizer', 'lowercase': true},"
                                        + "'pre_tokenizer': {'type': 'BertPreTokenizer'},"
                                        + "'post_processor': {'type': 'BertProcessing',"
                                        + "'cls': ['[CLS]', 2], 'sep': ['[SEP]', 3]},"
                                        + "'model': {'type': 'WordPiece', 'unk_token': '[UNK]'}}")
                        .getAsJsonObject();
        JsonObject vocabulary = new JsonObject();
        JsonArray added = new JsonArray();
        List<String> control = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
        for (int id = 0; id < size; id++) {
            String token = id < control.size() ? control.get(id) : "w" + id;
            vocabulary.addProperty(token, id);
            if (id < control.size()) {
                JsonObject entry = new JsonObject();
                entry.addProperty("id", id);
                entry.addProperty("content", token);
                added.add(entry);
            }
        }
        root.getAsJsonObject("model").add("vocab", vocabulary);
        root.add("added_tokens", added);
        return root.toString();
    }
}
