package io.crosslm.slm.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.graph.Graph;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether an encoder that is not told which tokens are padding gives a text the same embedding with
 * and without padding behind it, as a bag of embeddings does and a convolution does not. Otherwise
 * a text's score would hang on the texts beside it.
 */
final class PaddingCheck {
    private static final int[] TEXT = {3, 1, 2, 4};
    private static final int PADDED = 9;
    private static final double TOLERANCE = 1e-4;

    private PaddingCheck() {}

    /**
     * Runs the graph on a text of four tokens alone and with tokens behind it that the mask calls
     * padding.
     *
     * @throws SlmException BAD_ENCODER if the embeddings differ, or the graph does not run
     */
    static void expectNoInfluence(Graph graph, Pooling pooling) {
        if (pooling == Pooling.CLS) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The encoder has no input "
                            + EncoderGraph.MASK
                            + ", so its first state cannot know which tokens count; take pooling"
                            + " mean, or export it with that input");
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession session = environment.createSession(graph.toBytes())) {
            float[] alone = embedding(environment, session, TEXT.length);
            float[] padded = embedding(environment, session, PADDED);
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < alone.length; i++) {
                largest = Math.max(largest, Math.abs(alone[i]));
                difference = Math.max(difference, Math.abs(alone[i] - padded[i]));
            }
            if (!(difference <= TOLERANCE * largest)) {
                throw new SlmException(
                        SlmException.Code.BAD_ENCODER,
                        "The encoder has no input "
                                + EncoderGraph.MASK
                                + " and its states depend on the padding behind a text, so that a"
                                + " text's score would hang on the texts beside it; export it with"
                                + " that input and let padding count for nothing");
            }
        } catch (OrtException e) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "ONNX Runtime cannot run the encoder: " + e.getMessage(),
                    e);
        }
    }

    /** Of the text with padding up to a length. */
    private static float[] embedding(OrtEnvironment environment, OrtSession session, int length)
            throws OrtException {
        long[] ids = new long[length];
        long[] mask = new long[length];
        for (int t = 0; t < TEXT.length; t++) {
            ids[t] = TEXT[t];
            mask[t] = 1;
        }
        Map<String, long[]> values = new HashMap<>();
        values.put(EncoderGraph.IDS, ids);
        values.put(EncoderGraph.MASK, mask);
        values.put(EncoderGraph.TOKEN_TYPES, new long[length]);
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                LongBuffer data = LongBuffer.wrap(values.get(name));
                inputs.put(
                        name, OnnxTensor.createTensor(environment, data, new long[] {1, length}));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return ((float[][]) result.get(ClassifierHead.EMBEDDING).orElseThrow().getValue())
                        [0];
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }
}
