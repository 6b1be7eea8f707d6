package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Features of graphs that contain the encoder: token ids. */
final class TokenFeatures implements Features {
    private final TokenBatches tokens;

    TokenFeatures(TokenBatches tokens) {
        this.tokens = tokens;
    }

    @Override
    public Rows rows(List<String> texts, BooleanSupplier wanted) {
        int[][] ids = tokens.tokenise(texts);
        return new Rows() {
            @Override
            public List<int[]> batches() {
                return TokenBatches.byLength(ids);
            }

            @Override
            public Map<String, OnnxTensor> tensors(int[] indexes) {
                int[][] chosen = new int[indexes.length][];
                for (int i = 0; i < indexes.length; i++) {
                    chosen[i] = ids[indexes[i]];
                }
                return tokens.tensors(chosen);
            }
        };
    }

    /** Token ids are this library's own doing, text by text. */
    @Override
    public Rows rowsApart(List<String> texts, BooleanSupplier wanted) {
        return rows(texts, wanted);
    }

    @Override
    public int longestTokens(List<String> texts) {
        return Arrays.stream(tokens.tokenise(texts)).mapToInt(row -> row.length).max().orElse(0);
    }

    @Override
    public void close() {
        // Tokens hold nothing native.
    }
}
