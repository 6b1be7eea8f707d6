package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import io.crosslm.edge.model.ModelException;
import io.crosslm.text.EncoderTokenizer;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.TokenizerJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns texts into token tensors; texts of like length go into one batch. */
final class TokenBatches {
    private static final int MOST_ROWS = 64;

    /** Larger batches leave the processor's caches: they take longer and more memory. */
    private static final int MOST_TOKENS_PER_BATCH = 512;

    private final Sessions sessions;
    private final EncoderTokenizer tokenizer;
    private final Set<String> inputs;
    private final int maxTokens;

    TokenBatches(Sessions sessions, OnnxManifest manifest) {
        this.sessions = sessions;
        tokenizer = read(manifest.tokenizer());
        inputs = manifest.tokenInputs();
        maxTokens = manifest.maxTokens();
    }

    private static EncoderTokenizer read(Path file) {
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            return TokenizerJson.readEncoder(reader);
        } catch (IOException | TokenizerException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "The tokenizer cannot be used", e);
        }
    }

    /** Token ids of each text, begin and end token among them. */
    int[][] tokenise(List<String> texts) {
        int[][] ids = new int[texts.size()][];
        for (int i = 0; i < ids.length; i++) {
            // Control tokens that stand in a text are no more than its characters.
            ids[i] =
                    tokenizer.encodeFramed(
                            texts.get(i), Tokenizer.ControlTokens.AS_TEXT, maxTokens);
        }
        return ids;
    }

    /** Indexes of texts that go into one batch, for all batches. */
    static List<int[]> byLength(int[][] ids) {
        Integer[] order = new Integer[ids.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Arrays.sort(order, Comparator.comparingInt(i -> ids[i].length));
        List<int[]> batches = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= order.length; i++) {
            boolean full =
                    i == order.length
                            || i - start == MOST_ROWS
                            || (i - start + 1) * ids[order[i]].length > MOST_TOKENS_PER_BATCH;
            if (full) {
                int[] batch = new int[i - start];
                for (int k = start; k < i; k++) {
                    batch[k - start] = order[k];
                }
                batches.add(batch);
                start = i;
            }
        }
        return batches;
    }

    /** The encoder's inputs [rows, longest row]; the caller closes them. */
    Map<String, OnnxTensor> tensors(int[][] ids) {
        int longest = 0;
        for (int[] row : ids) {
            longest = Math.max(longest, row.length);
        }
        long[] tokens = new long[ids.length * longest];
        // Some encoders count positions by this id.
        Arrays.fill(tokens, tokenizer.paddingToken());
        long[] mask = new long[tokens.length];
        for (int i = 0; i < ids.length; i++) {
            for (int t = 0; t < ids[i].length; t++) {
                tokens[i * longest + t] = ids[i][t];
                mask[i * longest + t] = 1;
            }
        }
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (String input : inputs) {
            long[] values =
                    input.equals("input_ids")
                            ? tokens
                            : input.equals("attention_mask") ? mask : new long[tokens.length];
            tensors.put(input, sessions.longs(values, ids.length, longest));
        }
        return tensors;
    }
}
