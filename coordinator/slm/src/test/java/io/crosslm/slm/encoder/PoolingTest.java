package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Embeddings against the hidden states that the encoder itself gives, and where poolings come from.
 */
final class PoolingTest {
    private static final long[] IDS = {3, 12, 23, 40, 7, 4, 3, 9, 4, 1, 1, 1};
    private static final long[] SHAPE = {2, 6};
    private static final int[] LENGTHS = {6, 3};

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void frozen_everyEmbedding_isMadeOfTheHiddenStates(EncoderGraph.Embedding embedding)
            throws OrtException {
        byte[] model = Goldens.bytes("formula-bert/bert.onnx");
        float[][][] states = (float[][][]) run(model, "last_hidden_state");

        EncoderGraph encoder = EncoderGraph.frozen(model, embedding);
        float[][] embeddings = (float[][]) run(encoder.graph().toBytes(), "embedding");

        for (int text = 0; text < LENGTHS.length; text++) {
            assertThat(embeddings[text])
                    .containsExactly(
                            pooled(states[text], LENGTHS[text], embedding), Offset.offset(1e-5f));
        }
    }

    private static float[] pooled(float[][] states, int length, EncoderGraph.Embedding embedding) {
        double[] sum = new double[states[0].length];
        int counted = embedding.pooling() == Pooling.CLS ? 1 : length;
        for (int t = 0; t < counted; t++) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += states[t][i] / counted;
            }
        }
        double squares = 0;
        for (double value : sum) {
            squares += value * value;
        }
        float[] pooled = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            pooled[i] = (float) (embedding.isNormalised() ? sum[i] / Math.sqrt(squares) : sum[i]);
        }
        return pooled;
    }

    private static Object run(byte[] model, String output) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] mask = new long[IDS.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = IDS[i] == 1 ? 0 : 1;
        }
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession session = environment.createSession(model)) {
            for (String name : session.getInputNames()) {
                long[] values =
                        switch (name) {
                            case "input_ids" -> IDS;
                            case "attention_mask" -> mask;
                            default -> new long[IDS.length];
                        };
                inputs.put(
                        name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), SHAPE));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return result.get(output).orElseThrow().getValue();
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.onnx", "onnx/model.onnx"})
    void beside_clsInTheConfig_isCls(String model) throws IOException {
        write(
                "{\"word_embedding_dimension\": 384, \"pooling_mode_cls_token\": true,"
                        + " \"pooling_mode_mean_tokens\": false}");

        assertThat(Pooling.beside(folder.resolve(model))).contains(Pooling.CLS);
    }

    @Test
    void beside_meanInTheConfig_isMean() throws IOException {
        write("{\"pooling_mode_cls_token\": false, \"pooling_mode_mean_tokens\": true}");

        assertThat(Pooling.beside(folder.resolve("model.onnx"))).contains(Pooling.MEAN);
    }

    @Test
    void beside_noConfig_isEmpty() {
        assertThat(Pooling.beside(folder.resolve("model.onnx"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"pooling_mode_max_tokens\": true}",
                "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}",
                "{}",
                "[]",
                "{\"pooling_mode_"
            })
    void beside_configOfAnotherPooling_saysWhatToDo(String config) throws IOException {
        write(config);

        assertThatThrownBy(() -> Pooling.beside(folder.resolve("model.onnx")))
                .hasMessageContaining("SLM-2101")
                .hasMessageContaining("say --pooling mean or cls");
    }

    private void write(String config) throws IOException {
        Path file = folder.resolve("1_Pooling").resolve("config.json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, config);
    }
}
