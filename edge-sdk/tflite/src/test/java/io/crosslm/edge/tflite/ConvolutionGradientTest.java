package io.crosslm.edge.tflite;

import io.crosslm.slm.tflite.ConvolutionModel;
import io.crosslm.slm.tflite.Optimiser;
import java.util.LinkedHashMap;
import java.util.Map;

final class ConvolutionGradientTest extends LightModelContract {
    private static final int SIZE = 4;
    private static final int FILTERS = 5;

    @Override
    byte[] write(Optimiser optimiser) {
        return ConvolutionModel.write(
                new ConvolutionModel.Sizes(ROWS, SIZE, FILTERS), LABELS, 1, optimiser);
    }

    @Override
    Map<String, int[]> parameters() {
        Map<String, int[]> parameters = new LinkedHashMap<>();
        parameters.put(ConvolutionModel.EMBEDDING, new int[] {ROWS, SIZE});
        parameters.put(ConvolutionModel.FILTER, new int[] {FILTERS, 3 * SIZE});
        parameters.put(ConvolutionModel.FILTER_BIAS, new int[] {FILTERS});
        parameters.put(ConvolutionModel.HEAD_WEIGHT, new int[] {LABELS, FILTERS + SIZE});
        parameters.put(ConvolutionModel.HEAD_BIAS, new int[] {LABELS});
        return parameters;
    }

    @Override
    double[] logits(int[] ids, float[] weights, Map<String, double[]> parameters) {
        double[] embedding = parameters.get(ConvolutionModel.EMBEDDING);
        double[] filter = parameters.get(ConvolutionModel.FILTER);
        double[] head = parameters.get(ConvolutionModel.HEAD_WEIGHT);
        double[] logits = parameters.get(ConvolutionModel.HEAD_BIAS).clone();
        for (int f = 0; f < FILTERS; f++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int n = 0; n < ids.length; n++) {
                double h = parameters.get(ConvolutionModel.FILTER_BIAS)[f];
                for (int shift = -1; shift <= 1; shift++) {
                    int at = n + shift;
                    for (int d = 0; at >= 0 && at < ids.length && d < SIZE; d++) {
                        h +=
                                filter[f * 3 * SIZE + (shift + 1) * SIZE + d]
                                        * weights[at]
                                        * embedding[ids[at] * SIZE + d];
                    }
                }
                largest = Math.max(largest, weights[n] * Math.max(0, h));
            }
            for (int y = 0; y < LABELS; y++) {
                logits[y] += head[y * (FILTERS + SIZE) + f] * largest;
            }
        }
        double squares = 0;
        for (float weight : weights) {
            squares += weight * weight;
        }
        for (int d = 0; d < SIZE; d++) {
            double sum = 0;
            for (int n = 0; n < ids.length; n++) {
                sum += weights[n] * embedding[ids[n] * SIZE + d];
            }
            for (int y = 0; y < LABELS; y++) {
                logits[y] +=
                        head[y * (FILTERS + SIZE) + FILTERS + d]
                                * sum
                                / Math.sqrt(Math.max(1, squares));
            }
        }
        return logits;
    }
}
