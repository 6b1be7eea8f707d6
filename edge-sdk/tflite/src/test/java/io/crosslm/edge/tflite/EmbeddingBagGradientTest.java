package io.crosslm.edge.tflite;

import io.crosslm.slm.tflite.EmbeddingBagModel;
import io.crosslm.slm.tflite.Optimiser;
import java.util.LinkedHashMap;
import java.util.Map;

final class EmbeddingBagGradientTest extends LightModelContract {
    private static final int SIZE = 4;

    @Override
    byte[] write(Optimiser optimiser) {
        return EmbeddingBagModel.write(ROWS, SIZE, LABELS, 1, optimiser);
    }

    @Override
    Map<String, int[]> parameters() {
        Map<String, int[]> parameters = new LinkedHashMap<>();
        parameters.put(EmbeddingBagModel.EMBEDDING, new int[] {ROWS, SIZE});
        parameters.put(EmbeddingBagModel.HEAD_WEIGHT, new int[] {LABELS, SIZE});
        parameters.put(EmbeddingBagModel.HEAD_BIAS, new int[] {LABELS});
        return parameters;
    }

    @Override
    double[] logits(int[] ids, float[] weights, Map<String, double[]> parameters) {
        double[] logits = parameters.get(EmbeddingBagModel.HEAD_BIAS).clone();
        for (int y = 0; y < LABELS; y++) {
            for (int n = 0; n < ids.length; n++) {
                for (int d = 0; d < SIZE; d++) {
                    logits[y] +=
                            weights[n]
                                    * parameters.get(EmbeddingBagModel.EMBEDDING)[ids[n] * SIZE + d]
                                    * parameters.get(EmbeddingBagModel.HEAD_WEIGHT)[y * SIZE + d];
                }
            }
        }
        return logits;
    }
}
