package io.crosslm.llm.format;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Sizes and constants of a decoder of the Llama, Mistral or Qwen family.
 *
 * @param vocabularySize rows of the embedding
 * @param embeddingSize values of a hidden state
 * @param feedForwardSize values between the two halves of a feed-forward block
 * @param layerCount decoder layers
 * @param headCount query heads
 * @param keyValueHeadCount key and value heads; divides headCount
 * @param headSize values of a head; even
 * @param contextLength most tokens of a text
 * @param normEpsilon of RMSNorm
 * @param inverseFrequencies of the rotary embedding, radians a position, headSize / 2 of them
 * @param tiedEmbeddings whether the output matrix is the embedding
 * @param beginToken id that begins a text, whether or not the tokenizer puts it there
 * @param endTokens ids that end a text
 * @param attention what the family's attention has beyond Llama's
 */
public record ModelConfiguration(
        int vocabularySize,
        int embeddingSize,
        int feedForwardSize,
        int layerCount,
        int headCount,
        int keyValueHeadCount,
        int headSize,
        int contextLength,
        double normEpsilon,
        List<Float> inverseFrequencies,
        boolean tiedEmbeddings,
        OptionalInt beginToken,
        List<Integer> endTokens,
        Attention attention) {
    /** The largest size of a head that is read: {@value}. */
    static final int MAXIMUM_HEAD_SIZE = 4096;

    private static final int MAXIMUM_SIZE = 1 << 20;

    public ModelConfiguration {
        inverseFrequencies = List.copyOf(inverseFrequencies);
        endTokens = List.copyOf(endTokens);
        check("vocabulary size", vocabularySize, 1 << 22);
        check("embedding size", embeddingSize, MAXIMUM_SIZE);
        check("feed-forward size", feedForwardSize, MAXIMUM_SIZE);
        check("number of layers", layerCount, 1000);
        check("number of heads", headCount, 4096);
        check("number of key-value heads", keyValueHeadCount, headCount);
        check("head size", headSize, MAXIMUM_HEAD_SIZE);
        check("context length", contextLength, 1 << 24);
        if (headCount % keyValueHeadCount != 0) {
            throw new IllegalArgumentException(
                    headCount + " heads are no multiple of " + keyValueHeadCount);
        }
        if (headSize % 2 != 0 || inverseFrequencies.size() != headSize / 2) {
            throw new IllegalArgumentException("the head size must be even but is " + headSize);
        }
        if (!(normEpsilon > 0 && normEpsilon < 1)) {
            throw new IllegalArgumentException("the norm's epsilon is " + normEpsilon);
        }
    }

    /** What stands before a text without context: the begin token, else the first end token. */
    public OptionalInt prefixToken() {
        return IntStream.concat(beginToken.stream(), endTokens.stream().mapToInt(id -> id))
                .filter(id -> id >= 0 && id < vocabularySize)
                .findFirst();
    }

    /**
     * What attention has beyond Llama's.
     *
     * @param bias whether q, k and v have biases, as Qwen2's
     * @param headNorm whether each head of q and k is normalised, as Qwen3's
     * @param window tokens that a token attends to, itself included; 0 for all before it
     * @param firstWindowedLayer layers before it attend to all tokens
     * @param rotaryMagnitude factor of the rotary embedding's cosines and sines; not 1 with YaRN
     */
    public record Attention(
            boolean bias,
            boolean headNorm,
            int window,
            int firstWindowedLayer,
            double rotaryMagnitude) {
        /** Llama's: nothing of all that. */
        public static final Attention PLAIN = new Attention(false, false, 0, 0, 1);

        public Attention {
            if (window < 0 || firstWindowedLayer < 0) {
                throw new IllegalArgumentException(
                        "the sliding window is " + window + " from layer " + firstWindowedLayer);
            }
            if (!(rotaryMagnitude > 0 && rotaryMagnitude < 1000)) {
                throw new IllegalArgumentException(
                        "the rotary embedding's factor is " + rotaryMagnitude);
            }
        }
    }

    private static void check(String what, int value, int limit) {
        if (value < 1 || value > limit) {
            throw new IllegalArgumentException(
                    "the " + what + " must be in 1 to " + limit + " but is " + value);
        }
    }
}
