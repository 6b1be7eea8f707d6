package io.crosslm.edge.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.crosslm.edge.engine.PackageManifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Features of graphs on a frozen encoder: sentence embeddings. A text is encoded once as long as
 * its embedding is among the last ones that were used; the cache holds hashes, no text.
 */
final class EmbeddingFeatures implements Features {
    private static final int ROWS_PER_RUN = 1024;

    private final Sessions sessions;
    private final OrtSession encoder;
    private final TokenBatches tokens;
    private final int embeddingSize;
    private final Map<ByteBuffer, float[]> cache;

    EmbeddingFeatures(
            Sessions sessions, OnnxManifest manifest, TokenBatches tokens, int cachedEmbeddings) {
        this.sessions = sessions;
        this.tokens = tokens;
        embeddingSize = manifest.embeddingSize();
        cache = new LeastRecentlyUsed(cachedEmbeddings);
        encoder = sessions.open(manifest.graph("encode"));
        boolean ready = false;
        try {
            Sessions.expect(encoder.getOutputInfo(), "embedding", -1, embeddingSize);
            ready = true;
        } catch (OrtException e) {
            throw Sessions.runtime(e);
        } finally {
            if (!ready) {
                Sessions.close(encoder);
            }
        }
    }

    @Override
    public Rows rows(List<String> texts, BooleanSupplier wanted) {
        return rows(embed(texts, wanted));
    }

    /** Encodes each text in a run of its own; what is cached may be of a run with others. */
    @Override
    public Rows rowsApart(List<String> texts, BooleanSupplier wanted) {
        float[][] embeddings = new float[texts.size()][];
        for (int i = 0; i < embeddings.length; i++) {
            embeddings[i] = encode(Collections.singletonList(texts.get(i)), wanted)[0];
        }
        return rows(embeddings);
    }

    private Rows rows(float[][] embeddings) {
        return new Rows() {
            @Override
            public List<int[]> batches() {
                List<int[]> batches = new ArrayList<>();
                for (int start = 0; start < embeddings.length; start += ROWS_PER_RUN) {
                    int[] batch = new int[Math.min(ROWS_PER_RUN, embeddings.length - start)];
                    for (int i = 0; i < batch.length; i++) {
                        batch[i] = start + i;
                    }
                    batches.add(batch);
                }
                return batches;
            }

            @Override
            public Map<String, OnnxTensor> tensors(int[] indexes) {
                float[] values = new float[indexes.length * embeddingSize];
                for (int i = 0; i < indexes.length; i++) {
                    float[] row = embeddings[indexes[i]];
                    System.arraycopy(row, 0, values, i * embeddingSize, embeddingSize);
                }
                return Collections.singletonMap(
                        "embedding", sessions.floats(values, indexes.length, embeddingSize));
            }
        };
    }

    /** Steps get embeddings. */
    @Override
    public int longestTokens(List<String> texts) {
        return 0;
    }

    private float[][] embed(List<String> texts, BooleanSupplier wanted) {
        float[][] result = new float[texts.size()][];
        ByteBuffer[] keys = new ByteBuffer[result.length];
        Map<ByteBuffer, List<Integer>> missing = new LinkedHashMap<>();
        for (int i = 0; i < result.length; i++) {
            keys[i] = key(texts.get(i));
            float[] known = cache.get(keys[i]);
            if (known == null) {
                missing.computeIfAbsent(keys[i], key -> new ArrayList<>()).add(i);
            } else {
                result[i] = known;
            }
        }
        List<List<Integer>> places = new ArrayList<>(missing.values());
        List<String> unknown = new ArrayList<>();
        for (List<Integer> same : places) {
            unknown.add(texts.get(same.get(0)));
        }
        float[][] encoded = encode(unknown, wanted);
        for (int i = 0; i < encoded.length; i++) {
            for (int place : places.get(i)) {
                result[place] = encoded[i];
            }
            cache.put(keys[places.get(i).get(0)], encoded[i]);
        }
        return result;
    }

    private float[][] encode(List<String> texts, BooleanSupplier wanted) {
        int[][] ids = tokens.tokenise(texts);
        float[][] embeddings = new float[ids.length][];
        for (int[] batch : TokenBatches.byLength(ids)) {
            Sessions.expectWanted(wanted);
            int[][] chosen = new int[batch.length][];
            for (int i = 0; i < batch.length; i++) {
                chosen[i] = ids[batch[i]];
            }
            Map<String, OnnxTensor> inputs = tokens.tensors(chosen);
            try {
                float[][] rows = Sessions.rows(encoder, inputs, "embedding");
                for (int i = 0; i < batch.length; i++) {
                    embeddings[batch[i]] = rows[i];
                }
            } finally {
                inputs.values().forEach(OnnxTensor::close);
            }
        }
        return embeddings;
    }

    /** The first 16 bytes of the text's SHA-256. */
    private static ByteBuffer key(String text) {
        MessageDigest digest = PackageManifest.sha256();
        byte[] hash = digest.digest(text.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(Arrays.copyOf(hash, 16));
    }

    @Override
    public void close() {
        cache.clear();
        Sessions.close(encoder);
    }

    /** Forgets what was not used for longest. */
    private static final class LeastRecentlyUsed extends LinkedHashMap<ByteBuffer, float[]> {
        private static final long serialVersionUID = 1L;

        private final int limit;

        LeastRecentlyUsed(int limit) {
            super(16, 0.75f, true);
            this.limit = limit;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, float[]> eldest) {
            return size() > limit;
        }
    }
}
