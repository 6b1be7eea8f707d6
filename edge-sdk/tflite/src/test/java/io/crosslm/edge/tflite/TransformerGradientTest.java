package io.crosslm.edge.tflite;

import io.crosslm.slm.tflite.Optimiser;
import io.crosslm.slm.tflite.TransformerModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Two blocks, of two heads, on texts that are longer than there are places. */
final class TransformerGradientTest extends LightModelContract {
    private static final int SIZE = 4;
    private static final int POSITIONS = IDS - 2;
    private static final int HEADS = 2;
    private static final int HIDDEN = 5;
    private static final int LAYERS = 2;

    @Override
    byte[] write(Optimiser optimiser) {
        return TransformerModel.write(
                new TransformerModel.Sizes(ROWS, POSITIONS, SIZE, HEADS, HIDDEN, LAYERS),
                LABELS,
                1,
                optimiser);
    }

    @Override
    Map<String, int[]> parameters() {
        Map<String, int[]> parameters = new LinkedHashMap<>();
        parameters.put(TransformerModel.EMBEDDING, new int[] {ROWS, SIZE});
        parameters.put(TransformerModel.POSITION, new int[] {POSITIONS, SIZE});
        for (int i = 0; i < LAYERS; i++) {
            String layer = "layer" + i;
            parameters.put(layer + "_attention_norm_weight", new int[] {SIZE});
            parameters.put(layer + "_attention_norm_bias", new int[] {SIZE});
            parameters.put(layer + "_attention_in_weight", new int[] {3 * SIZE, SIZE});
            parameters.put(layer + "_attention_out_weight", new int[] {SIZE, SIZE});
            parameters.put(layer + "_feed_forward_norm_weight", new int[] {SIZE});
            parameters.put(layer + "_feed_forward_norm_bias", new int[] {SIZE});
            parameters.put(layer + "_feed_forward_in_weight", new int[] {HIDDEN, SIZE});
            parameters.put(layer + "_feed_forward_in_bias", new int[] {HIDDEN});
            parameters.put(layer + "_feed_forward_out_weight", new int[] {SIZE, HIDDEN});
            parameters.put(layer + "_feed_forward_out_bias", new int[] {SIZE});
        }
        parameters.put("norm_weight", new int[] {SIZE});
        parameters.put("norm_bias", new int[] {SIZE});
        parameters.put(TransformerModel.HEAD_WEIGHT, new int[] {LABELS, 2 * SIZE});
        parameters.put(TransformerModel.HEAD_BIAS, new int[] {LABELS});
        return parameters;
    }

    @Override
    double[] logits(int[] ids, float[] weights, Map<String, double[]> parameters) {
        double[][] x = new double[ids.length][SIZE];
        for (int n = 0; n < ids.length; n++) {
            for (int d = 0; d < SIZE; d++) {
                x[n][d] =
                        weights[n] * parameters.get(TransformerModel.EMBEDDING)[ids[n] * SIZE + d]
                                + parameters
                                        .get(TransformerModel.POSITION)[
                                        Math.min(n, POSITIONS - 1) * SIZE + d];
            }
        }
        for (int i = 0; i < LAYERS; i++) {
            String layer = "layer" + i;
            double[][] normed = normalised(x, layer + "_attention_norm", parameters);
            x = sum(x, attention(normed, weights, layer + "_attention", parameters));
            double[][] again = normalised(x, layer + "_feed_forward_norm", parameters);
            x = sum(x, feedForward(again, layer + "_feed_forward", parameters));
        }
        x = normalised(x, "norm", parameters);
        double total = 0;
        double squares = 0;
        for (float weight : weights) {
            total += weight;
            squares += weight * weight;
        }
        double[] features = new double[2 * SIZE];
        for (int n = 0; n < ids.length; n++) {
            for (int d = 0; d < SIZE; d++) {
                features[d] += weights[n] * x[n][d] / Math.max(1, total);
                features[SIZE + d] +=
                        weights[n]
                                * parameters.get(TransformerModel.EMBEDDING)[ids[n] * SIZE + d]
                                / Math.max(1, Math.sqrt(squares));
            }
        }
        double[] logits = linear(features, parameters.get(TransformerModel.HEAD_WEIGHT));
        for (int y = 0; y < LABELS; y++) {
            logits[y] += parameters.get(TransformerModel.HEAD_BIAS)[y];
        }
        return logits;
    }

    private static double[][] normalised(
            double[][] x, String name, Map<String, double[]> parameters) {
        double[][] result = new double[x.length][SIZE];
        for (int n = 0; n < x.length; n++) {
            double mean = Arrays.stream(x[n]).sum() / SIZE;
            double variance = Arrays.stream(x[n]).map(v -> (v - mean) * (v - mean)).sum() / SIZE;
            for (int d = 0; d < SIZE; d++) {
                result[n][d] =
                        (x[n][d] - mean)
                                        / Math.sqrt(variance + 1e-5)
                                        * parameters.get(name + "_weight")[d]
                                + parameters.get(name + "_bias")[d];
            }
        }
        return result;
    }

    private static double[][] attention(
            double[][] x, float[] weights, String name, Map<String, double[]> parameters) {
        int headSize = SIZE / HEADS;
        double[][] result = new double[x.length][];
        double[][] projected = new double[x.length][];
        for (int n = 0; n < x.length; n++) {
            projected[n] = linear(x[n], parameters.get(name + "_in_weight"));
        }
        for (int n = 0; n < x.length; n++) {
            double[] mixed = new double[SIZE];
            for (int h = 0; h < HEADS; h++) {
                double[] shares = new double[x.length];
                for (int m = 0; m < x.length; m++) {
                    double score = 0;
                    for (int s = h * headSize; s < (h + 1) * headSize; s++) {
                        score += projected[n][s] * projected[m][SIZE + s];
                    }
                    shares[m] = weights[m] > 0 ? Math.exp(score / Math.sqrt(headSize)) : 0;
                }
                double total = Arrays.stream(shares).sum();
                for (int m = 0; m < x.length; m++) {
                    for (int s = h * headSize; s < (h + 1) * headSize; s++) {
                        mixed[s] += shares[m] / total * projected[m][2 * SIZE + s];
                    }
                }
            }
            result[n] = linear(mixed, parameters.get(name + "_out_weight"));
        }
        return result;
    }

    private static double[][] feedForward(
            double[][] x, String name, Map<String, double[]> parameters) {
        double[][] result = new double[x.length][];
        for (int n = 0; n < x.length; n++) {
            double[] hidden = linear(x[n], parameters.get(name + "_in_weight"));
            for (int f = 0; f < HIDDEN; f++) {
                hidden[f] = Math.max(0, hidden[f] + parameters.get(name + "_in_bias")[f]);
            }
            result[n] = linear(hidden, parameters.get(name + "_out_weight"));
            for (int d = 0; d < SIZE; d++) {
                result[n][d] += parameters.get(name + "_out_bias")[d];
            }
        }
        return result;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        double[][] sum = new double[a.length][SIZE];
        for (int n = 0; n < a.length; n++) {
            for (int d = 0; d < SIZE; d++) {
                sum[n][d] = a[n][d] + b[n][d];
            }
        }
        return sum;
    }

    /** matrix [O, I] x vector [I]. */
    private static double[] linear(double[] vector, double[] matrix) {
        double[] result = new double[matrix.length / vector.length];
        for (int o = 0; o < result.length; o++) {
            for (int i = 0; i < vector.length; i++) {
                result[o] += matrix[o * vector.length + i] * vector[i];
            }
        }
        return result;
    }
}
