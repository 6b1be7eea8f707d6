package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.testkit.golden.Goldens;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sentence embeddings of encoders whose tokenizer is not BERT's. */
final class OtherTokenizersTest {
    private static final String BYTE_PAIRS =
            """
            {"added_tokens": [
               {"id": 0, "content": "<s>", "special": true},
               {"id": 1, "content": "<pad>", "special": true},
               {"id": 2, "content": "</s>", "special": true}],
             "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
             "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]},
             "padding": {"strategy": "BatchLongest", "pad_id": 1, "pad_token": "<pad>"},
             "model": {"type": "BPE", "unk_token": "<unk>",
               "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "c": 6,
                 "Ġ": 7, "ab": 8, "Ġab": 9},
               "merges": ["a b", "Ġ ab"]}}
            """;

    private static final String UNIGRAM =
            """
            {"added_tokens": [
               {"id": 0, "content": "<pad>", "special": true},
               {"id": 1, "content": "<unk>", "special": true},
               {"id": 2, "content": "[CLS]", "special": true},
               {"id": 3, "content": "[SEP]", "special": true}],
             "normalizer": null,
             "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always",
               "split": true},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                 {"Sequence": {"id": "A", "type_id": 0}},
                 {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
               "pair": [],
               "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                 "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
             "padding": {"strategy": "BatchLongest", "pad_id": 0, "pad_token": "<pad>"},
             "model": {"type": "Unigram", "unk_id": 1,
               "vocab": [["<pad>", 0.0], ["<unk>", 0.0], ["[CLS]", 0.0], ["[SEP]", 0.0],
                 ["▁", -3.0], ["a", -5.0], ["b", -5.0], ["c", -4.0], ["▁ab", -2.0]]}}
            """;

    @TempDir private Path folder;

    @Test
    void embed_bytePairs_isTheMeanOfTheStatesOfItsIds() throws Exception {
        assertEmbeddings("roberta", BYTE_PAIRS, new long[] {0, 8, 7, 6, 2}, new long[] {0, 8, 2});
    }

    @Test
    void embed_unigram_isTheMeanOfTheStatesOfItsIds() throws Exception {
        assertEmbeddings("albert", UNIGRAM, new long[] {2, 8, 4, 7, 3}, new long[] {2, 8, 3});
    }

    /** Embeds "ab c" and "ab", which is padded, and compares with the states of these ids alone. */
    private void assertEmbeddings(String family, String tokenizer, long[]... ids)
            throws IOException, OrtException {
        Path graph = folder.resolve("encoder.onnx");
        Path json = folder.resolve("tokenizer.json");
        byte[] model = Goldens.bytes("formula-bert/" + family + ".onnx");
        Files.write(graph, model);
        Files.writeString(json, tokenizer);

        float[][] embeddings;
        try (SentenceEncoder encoder =
                SentenceEncoder.open(EncoderSource.files(family, "MIT", graph, json), 1)) {
            embeddings = encoder.embed(List.of("ab c", "ab"));
        }

        for (int text = 0; text < ids.length; text++) {
            assertThat(embeddings[text])
                    .containsExactly(mean(states(model, ids[text])), Offset.offset(1e-5f));
        }
    }

    /** The mean of states [T, H], scaled to length 1. */
    private static float[] mean(float[][] states) {
        double[] sum = new double[states[0].length];
        for (float[] state : states) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += state[i];
            }
        }
        double length = Math.sqrt(Arrays.stream(sum).map(value -> value * value).sum());
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) (sum[i] / length);
        }
        return mean;
    }

    private static float[][] states(byte[] model, long[] ids) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        long[] shape = {1, ids.length};
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try (OrtSession session = environment.createSession(model)) {
            for (String name : session.getInputNames()) {
                long[] values =
                        switch (name) {
                            case "input_ids" -> ids;
                            case "attention_mask" -> ones;
                            default -> new long[ids.length];
                        };
                inputs.put(
                        name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return ((float[][][]) result.get(0).getValue())[0];
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
