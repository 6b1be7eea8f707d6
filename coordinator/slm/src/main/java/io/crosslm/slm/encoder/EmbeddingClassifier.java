package io.crosslm.slm.encoder;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.SlmException.Code;

/**
 * Softmax regression on embeddings: the judge that says which label a text really has, where
 * labelled texts are at hand. Minimises the sum of cross-entropies plus |W|^2 / (2 strength),
 * biases free. Immutable and thread-safe.
 *
 * <p>Legend: N examples, C labels, H embedding size. The parameters are one vector of C rows, each
 * W of H values and a bias.
 */
public final class EmbeddingClassifier {
    /** Inverse of the penalty, as scikit-learn's C: {@value}. */
    public static final double DEFAULT_STRENGTH = 20;

    private final int labelCount;
    private final double[] parameters;

    private EmbeddingClassifier(int labelCount, double[] parameters) {
        this.labelCount = labelCount;
        this.parameters = parameters;
    }

    /**
     * Trains a classifier; the problem is convex, so the result does not depend on a seed.
     *
     * @param embeddings [N][H]
     * @param labels [N], each below labelCount
     */
    public static EmbeddingClassifier train(
            float[][] embeddings, int[] labels, int labelCount, double strength) {
        if (embeddings.length == 0 || embeddings.length != labels.length) {
            throw new SlmException(
                    Code.BAD_INPUT,
                    "a classifier needs as many labels as embeddings, and one at least; there are "
                            + labels.length
                            + " and "
                            + embeddings.length);
        }
        Problem problem = new Problem(embeddings, labels, labelCount, strength);
        return new EmbeddingClassifier(
                labelCount, Lbfgs.minimise(problem, new double[labelCount * problem.rowSize()]));
    }

    /** The most likely label of each embedding; ties go to the lower one. */
    public int[] predict(float[][] embeddings) {
        int[] labels = new int[embeddings.length];
        double[] logits = new double[labelCount];
        for (int i = 0; i < labels.length; i++) {
            logits(embeddings[i], parameters, logits);
            for (int c = 1; c < labelCount; c++) {
                if (logits[c] > logits[labels[i]]) {
                    labels[i] = c;
                }
            }
        }
        return labels;
    }

    private static void logits(float[] embedding, double[] parameters, double[] logits) {
        int row = embedding.length + 1;
        for (int c = 0; c < logits.length; c++) {
            double sum = parameters[c * row + embedding.length];
            for (int h = 0; h < embedding.length; h++) {
                sum += parameters[c * row + h] * embedding[h];
            }
            logits[c] = sum;
        }
    }

    /** The penalised loss and its gradient. */
    private static final class Problem implements Lbfgs.Function {
        private final float[][] embeddings;
        private final int[] labels;
        private final double penalty;
        private final double[] logits;

        Problem(float[][] embeddings, int[] labels, int labelCount, double strength) {
            this.embeddings = embeddings;
            this.labels = labels;
            this.penalty = 1 / strength;
            this.logits = new double[labelCount];
        }

        int rowSize() {
            return embeddings[0].length + 1;
        }

        @Override
        public double evaluate(double[] at, double[] gradient) {
            int row = rowSize();
            int size = row - 1;
            double loss = 0;
            for (int i = 0; i < at.length; i++) {
                boolean bias = i % row == size;
                gradient[i] = bias ? 0 : penalty * at[i];
                loss += bias ? 0 : penalty * at[i] * at[i] / 2;
            }
            for (int i = 0; i < embeddings.length; i++) {
                float[] x = embeddings[i];
                logits(x, at, logits);
                loss += softmax(labels[i]);
                for (int c = 0; c < logits.length; c++) {
                    double error = logits[c] - (c == labels[i] ? 1 : 0);
                    for (int h = 0; h < size; h++) {
                        gradient[c * row + h] += error * x[h];
                    }
                    gradient[c * row + size] += error;
                }
            }
            return loss;
        }

        /** Turns the logits into probabilities and gives -log of the label's. */
        private double softmax(int label) {
            double maximum = Double.NEGATIVE_INFINITY;
            for (double logit : logits) {
                maximum = Math.max(maximum, logit);
            }
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit - maximum);
            }
            double loss = Math.log(sum) + maximum - logits[label];
            for (int c = 0; c < logits.length; c++) {
                logits[c] = Math.exp(logits[c] - maximum) / sum;
            }
            return loss;
        }
    }
}
