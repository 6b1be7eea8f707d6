package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Logistic regression over letters, trained by AdamW in plain Java: the smallest thing that has
 * parameters and moments.
 */
final class LogisticGraph implements TrainableGraph<double[][]> {
    private static final int FEATURES = 32;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;

    private final int labelCount;
    boolean failsToResume;

    private final boolean resumable;
    final List<PrivateStep> privateSteps = new ArrayList<>();
    final List<int[]> privateRows = new ArrayList<>();
    int stepsMade;

    LogisticGraph(int labelCount, boolean resumable) {
        this.labelCount = labelCount;
        this.resumable = resumable;
    }

    @Override
    public double[][] rows(List<String> texts) {
        double[][] rows = new double[texts.size()][FEATURES];
        for (int i = 0; i < rows.length; i++) {
            for (byte b : texts.get(i).getBytes(StandardCharsets.UTF_8)) {
                rows[i][b & FEATURES - 1] += 1.0 / texts.get(i).length();
            }
        }
        return rows;
    }

    @Override
    public float[][] logits(double[][] rows, int count, Parameters parameters) {
        float[] weights = parameters.values("w");
        float[][] logits = new float[count][labelCount];
        for (int i = 0; i < count; i++) {
            for (int label = 0; label < labelCount; label++) {
                for (int f = 0; f < FEATURES; f++) {
                    logits[i][label] += weights[label * FEATURES + f] * rows[i][f];
                }
            }
        }
        return logits;
    }

    @Override
    public TrainingRun<double[][]> begin(double[][] rows, TrainingRows targets) {
        return new Run(rows, targets);
    }

    private final class Run implements TrainingRun<double[][]> {
        private final double[][] rows;
        private final TrainingRows targets;
        private float[] w = new float[labelCount * FEATURES];
        private float[] m = new float[w.length];
        private float[] v = new float[w.length];

        Run(double[][] rows, TrainingRows targets) {
            this.rows = rows;
            this.targets = targets;
        }

        @Override
        public double privateStep(int[] indexes, StepScalars scalars, PrivateStep privacy) {
            stepsMade++;
            privateSteps.add(privacy);
            privateRows.add(indexes.clone());
            double[] sum = new double[w.length];
            double loss = 0;
            for (int index : indexes) {
                double[] gradient = new double[w.length];
                loss += gradient(new int[] {index}, new float[] {1}, gradient);
                double squares = 0;
                for (double one : gradient) {
                    squares += one * one;
                }
                double scale = Math.min(1, privacy.clipNorm() / Math.sqrt(squares));
                for (int k = 0; k < sum.length; k++) {
                    sum[k] += scale * gradient[k];
                }
            }
            for (int k = 0; k < sum.length; k++) {
                sum[k] = (sum[k] + privacy.noise().get("w")[k]) / privacy.expectedRows();
            }
            adam(sum, scalars);
            return loss / privacy.expectedRows();
        }

        @Override
        public double step(int[] indexes, StepScalars scalars) {
            stepsMade++;
            double[] gradient = new double[w.length];
            double loss = gradient(indexes, targets.weights(indexes), gradient);
            adam(gradient, scalars);
            return loss;
        }

        private double gradient(int[] indexes, float[] weights, double[] gradient) {
            float[] q = targets.targets(indexes);
            double loss = 0;
            for (int i = 0; i < indexes.length; i++) {
                double[] x = rows[indexes[i]];
                float[] z = logits(new double[][] {x}, 1)[0];
                double sum = 0;
                for (float one : z) {
                    sum += Math.exp(one);
                }
                for (int label = 0; label < labelCount; label++) {
                    double p = Math.exp(z[label]) / sum;
                    double target = q[i * labelCount + label];
                    loss -= weights[i] * target * Math.log(p);
                    for (int f = 0; f < FEATURES; f++) {
                        gradient[label * FEATURES + f] += weights[i] * (p - target) * x[f];
                    }
                }
            }
            return loss;
        }

        private void adam(double[] gradient, StepScalars scalars) {
            for (int k = 0; k < w.length; k++) {
                m[k] = (float) (BETA1 * m[k] + (1 - BETA1) * gradient[k]);
                v[k] = (float) (BETA2 * v[k] + (1 - BETA2) * gradient[k] * gradient[k]);
                double step =
                        m[k]
                                / scalars.correction1()
                                / (Math.sqrt(v[k] / scalars.correction2()) + 1e-8);
                w[k] -= (float) (scalars.learningRate() * step);
            }
        }

        @Override
        public float[][] logits(double[][] some, int count) {
            return LogisticGraph.this.logits(some, count, snapshot());
        }

        @Override
        public Parameters snapshot() {
            return new Parameters(
                    Collections.singletonMap("w", new long[] {labelCount, FEATURES}),
                    Collections.singletonMap("w", w.clone()));
        }

        @Override
        public Map<String, float[]> state() {
            Map<String, float[]> state = new LinkedHashMap<>();
            if (resumable) {
                state.put("w", w.clone());
                state.put("m", m.clone());
                state.put("v", v.clone());
            }
            return state;
        }

        @Override
        public boolean resume(Map<String, float[]> state) {
            if (failsToResume) {
                throw new ModelException(ModelException.Code.RUNTIME, "no resumption");
            }
            if (!state.keySet().equals(state().keySet())) {
                return false;
            }
            w = state.get("w").clone();
            m = state.get("m").clone();
            v = state.get("v").clone();
            return true;
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
