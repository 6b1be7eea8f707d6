package io.crosslm.slm.encoder;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.SlmException.Code;
import io.crosslm.text.EncoderTokenizer;
import io.crosslm.text.Tokenizer.ControlTokens;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.TokenizerJson;
import java.io.StringReader;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sentence embeddings: the encoder's last hidden states, pooled as it was trained ({@link
 * EncoderSource#pooling()}, the mean where nothing says), scaled to length 1. Thread-safe; calls
 * run one after the other.
 *
 * <p>Legend: B texts of a batch, T tokens, H embedding size.
 */
public final class SentenceEncoder implements AutoCloseable {
    private static final int BATCH = 32;
    private static final int MAXIMUM_TOKENS = 128;

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final EncoderTokenizer tokenizer;
    private final Pooling pooling;

    private SentenceEncoder(
            OrtEnvironment environment,
            OrtSession session,
            EncoderTokenizer tokenizer,
            Pooling pooling) {
        this.environment = environment;
        this.session = session;
        this.tokenizer = tokenizer;
        this.pooling = pooling;
    }

    /**
     * Opens an encoder.
     *
     * @param threads that compute
     * @throws SlmException if its files are not those of a BERT-type encoder
     */
    public static SentenceEncoder open(EncoderSource source, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            EncoderTokenizer tokenizer =
                    TokenizerJson.readEncoder(new StringReader(source.tokenizerJson()));
            Pooling pooling = source.pooling().orElse(Pooling.MEAN);
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            options.setIntraOpNumThreads(threads);
            // Idle threads that spin would take the processor from everybody else.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            OrtSession session = environment.createSession(source.graph(), options);
            return new SentenceEncoder(environment, session, tokenizer, pooling);
        } catch (OrtException | TokenizerException e) {
            throw new SlmException(
                    Code.BAD_ENCODER, "cannot open " + source.name() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Embeddings of texts, in their order; a text is cut after 128 tokens.
     *
     * @return [texts.size()][H], each of length 1
     */
    public synchronized float[][] embed(List<String> texts) {
        int[][] ids = new int[texts.size()][];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokenizer.encodeFramed(texts.get(i), ControlTokens.AS_TEXT, MAXIMUM_TOKENS);
        }
        // Texts of like length go together, so that little is padded.
        int[] order =
                IntStream.range(0, ids.length)
                        .boxed()
                        .sorted(Comparator.comparingInt(i -> ids[i].length))
                        .mapToInt(Integer::intValue)
                        .toArray();
        float[][] embeddings = new float[ids.length][];
        for (int from = 0; from < order.length; from += BATCH) {
            int[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH));
            embed(batch, ids, embeddings);
        }
        return embeddings;
    }

    private void embed(int[] batch, int[][] ids, float[][] embeddings) {
        int length = ids[batch[batch.length - 1]].length; // T, the longest is the last
        LongBuffer tokens = LongBuffer.allocate(batch.length * length); // [B, T]
        LongBuffer mask = LongBuffer.allocate(batch.length * length); // [B, T]
        for (int row = 0; row < batch.length; row++) {
            int[] text = ids[batch[row]];
            for (int t = 0; t < length; t++) {
                boolean real = t < text.length;
                tokens.put(row * length + t, real ? text[t] : tokenizer.paddingToken());
                mask.put(row * length + t, real ? 1 : 0);
            }
        }
        long[] shape = {batch.length, length};
        try (OnnxTensor inputIds = OnnxTensor.createTensor(environment, tokens, shape);
                OnnxTensor attentionMask = OnnxTensor.createTensor(environment, mask, shape);
                OnnxTensor types =
                        OnnxTensor.createTensor(
                                environment, LongBuffer.allocate(batch.length * length), shape)) {
            Map<String, OnnxTensor> inputs = new HashMap<>();
            inputs.put("input_ids", inputIds);
            inputs.put("attention_mask", attentionMask);
            inputs.put("token_type_ids", types);
            inputs.keySet().retainAll(session.getInputNames());
            try (OrtSession.Result result = session.run(inputs)) {
                if (!(result.get(0) instanceof OnnxTensor hidden)) {
                    throw new SlmException(
                            Code.BAD_ENCODER, "the encoder's first output is no tensor");
                }
                pool(hidden.getFloatBuffer(), batch, ids, length, embeddings);
            }
        } catch (OrtException e) {
            throw new SlmException(Code.RUNTIME, "the encoder failed: " + e.getCode(), e);
        }
    }

    /**
     * Sums over the tokens of hidden [B, T, H] that count, scaled: a mean has the same direction.
     */
    private void pool(
            FloatBuffer hidden, int[] batch, int[][] ids, int length, float[][] embeddings) {
        int size = hidden.remaining() / (batch.length * length); // H
        for (int row = 0; row < batch.length; row++) {
            float[] sum = new float[size];
            int counted = pooling == Pooling.CLS ? 1 : ids[batch[row]].length;
            for (int t = 0; t < counted; t++) {
                int at = (row * length + t) * size;
                for (int h = 0; h < size; h++) {
                    sum[h] += hidden.get(at + h);
                }
            }
            double squares = 0;
            for (float value : sum) {
                squares += (double) value * value;
            }
            float scale = (float) (1 / Math.max(Math.sqrt(squares), 1e-12));
            for (int h = 0; h < size; h++) {
                sum[h] *= scale;
            }
            embeddings[batch[row]] = sum;
        }
    }

    @Override
    public synchronized void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new SlmException(Code.RUNTIME, "the encoder did not close", e);
        }
    }
}
