package io.crosslm.slm.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.graph.Attributes;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.Tensors;
import io.crosslm.slm.graph.ValueType;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SlmPackageBuilderTest {
    private static final int TOKENS = 30_522;

    @TempDir Path directory;

    @Test
    void build_miniLmHead_manifestNamesEveryFileWithItsHash() throws IOException {
        BuiltPackage built =
                SlmPackageBuilder.of(EncoderSource.miniLm(), List.of("no", "yes"))
                        .build(directory.resolve("head.zip"));

        assertThat(built.bytes()).isEqualTo(Files.size(built.file()));
        try (ZipFile zip = new ZipFile(built.file().toFile())) {
            JsonObject manifest = manifest(zip);
            assertThat(manifest.get("mode").getAsString()).isEqualTo("head");
            assertThat(manifest.getAsJsonArray("files")).hasSize(zip.size() - 1);
            for (JsonElement file : manifest.getAsJsonArray("files")) {
                JsonObject named = file.getAsJsonObject();
                ZipEntry entry = zip.getEntry(named.get("name").getAsString());
                byte[] content = zip.getInputStream(entry).readAllBytes();
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(content).hasSize(named.get("size").getAsInt());
                assertThat(ZipContent.of(content).sha256())
                        .isEqualTo(named.get("sha256").getAsString());
            }
        }
    }

    @Test
    void of_oneLabel_isRefused() {
        assertThatThrownBy(() -> SlmPackageBuilder.of(EncoderSource.miniLm(), List.of("only")))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("2 to 1024 labels");
    }

    @Test
    void build_missingModel_saysSo() {
        EncoderSource source =
                EncoderSource.files(
                        "none", "MIT", directory.resolve("a.onnx"), directory.resolve("b.json"));

        assertThatThrownBy(
                        () ->
                                SlmPackageBuilder.of(source, List.of("no", "yes"))
                                        .build(directory.resolve("x.zip")))
                .isInstanceOfSatisfying(
                        SlmException.class,
                        e -> assertThat(e.code()).isEqualTo(SlmException.Code.BAD_ENCODER));
    }

    @Test
    void build_adaptersBesideWholeNumbers_multipliesWholeNumbers() throws IOException {
        Path file = directory.resolve("whole.zip");
        SlmPackageBuilder.of(wholeNumbers(), List.of("no", "yes"))
                .mode(SlmMode.LORA)
                .loraTargets(List.of("query"))
                .build(file);

        assertThat(operators(file, "score.onnx"))
                .contains("DynamicQuantizeLinear", "MatMulInteger");
        assertThat(operators(file, "train.onnx"))
                .contains("DynamicQuantizeLinear", "MatMulInteger");
    }

    /** How one row is rounded would depend on the others. */
    @Test
    void build_privateTrainingBesideWholeNumbers_keepsItsRowsApart() throws IOException {
        Path file = directory.resolve("private.zip");
        SlmPackageBuilder.of(wholeNumbers(), List.of("no", "yes"))
                .mode(SlmMode.LORA)
                .loraTargets(List.of("query"))
                .with(SlmPackageBuilder.Extra.PRIVATE_TRAINING)
                .build(file);

        for (String graph : List.of("score.onnx", "train.onnx", "trainPrivate.onnx")) {
            assertThat(operators(file, graph))
                    .as(graph)
                    .contains("MatMul")
                    .doesNotContain("DynamicQuantizeLinear", "MatMulInteger");
        }
    }

    private static List<String> operators(Path file, String graph) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            byte[] model = zip.getInputStream(zip.getEntry(graph)).readAllBytes();
            return ModelProto.parseFrom(model).getGraph().getNodeList().stream()
                    .map(NodeProto::getOpType)
                    .toList();
        }
    }

    /** An encoder of MiniLM's tokens whose one layer, query, has a matrix in int8. */
    private EncoderSource wholeNumbers() throws IOException {
        Graph graph = new Graph();
        graph.addInput(ValueType.longs("batch", "sequence").named(EncoderGraph.IDS));
        float[] table = new float[2 * TOKENS];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) Math.sin(i);
        }
        String words =
                graph.add(
                        "Gather",
                        graph.addInitializer(Tensors.floats("table", table, TOKENS, 2)),
                        EncoderGraph.IDS);
        graph.addInitializer(
                TensorProto.newBuilder()
                        .setName("w")
                        .setDataType(TensorProto.DataType.INT8.getNumber())
                        .addAllDims(List.of(2L, 3L))
                        .setRawData(ByteString.copyFrom(new byte[] {1, -2, 3, 4, -5, 6}))
                        .build());
        String scale = graph.scalar(0.1f);
        List<String> whole = graph.addAll("DynamicQuantizeLinear", List.of(words), 3);
        String sum = graph.add("MatMulInteger", whole.get(0), "w", whole.get(2));
        String cast = graph.add("Cast", List.of(sum), Attributes.of("to", 1));
        String product = graph.add("Mul", cast, graph.add("Mul", whole.get(1), scale));
        graph.addInitializer(Tensors.floats("query.bias", new float[] {0.1f, 0.2f, 0.3f}, 3));
        graph.addNamed("last_hidden_state", "Add", List.of(product, "query.bias"));
        graph.addOutput(ValueType.floats("batch", "sequence", 3).named("last_hidden_state"));
        Path model = Files.write(directory.resolve("encoder.onnx"), graph.toBytes());
        Path tokenizer =
                Files.writeString(
                        directory.resolve("tokenizer.json"),
                        EncoderSource.miniLm().tokenizerJson());
        return EncoderSource.files("whole", "MIT", model, tokenizer);
    }

    private static JsonObject manifest(ZipFile zip) throws IOException {
        return JsonParser.parseReader(
                        new InputStreamReader(
                                zip.getInputStream(zip.getEntry("manifest.json")),
                                StandardCharsets.UTF_8))
                .getAsJsonObject();
    }
}
