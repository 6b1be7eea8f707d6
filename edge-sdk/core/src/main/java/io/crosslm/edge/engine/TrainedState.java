package io.crosslm.edge.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model after an epoch, and how it does on the validation part. Immutable. */
final class TrainedState {
    private final int epoch;
    private final double loss;
    private final double[] validationLosses;
    private final Parameters parameters;

    /**
     * A state.
     *
     * @param loss mean over the epoch's steps
     * @param validationLosses of each validation example
     */
    TrainedState(int epoch, double loss, double[] validationLosses, Parameters parameters) {
        this.epoch = epoch;
        this.loss = loss;
        this.validationLosses = validationLosses.clone();
        this.parameters = parameters;
    }

    int epoch() {
        return epoch;
    }

    double loss() {
        return loss;
    }

    Parameters parameters() {
        return parameters;
    }

    /** Mean validation loss; not a number without validation part. */
    double validationLoss() {
        return mean(validationLosses);
    }

    static double mean(double[] losses) {
        double sum = 0;
        for (double one : losses) {
            sum += one;
        }
        return sum / losses.length;
    }

    /** Whether its loss is higher by more than so many standard errors of the paired difference. */
    boolean clearlyWorseThan(TrainedState other, double standardErrors) {
        int n = validationLosses.length;
        double mean = validationLoss() - other.validationLoss();
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double deviation = validationLosses[i] - other.validationLosses[i] - mean;
            squares += deviation * deviation;
        }
        double standardError = n < 2 ? 0 : Math.sqrt(squares / (n - 1) / n);
        return mean > standardErrors * standardError;
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(epoch);
        out.writeDouble(loss);
        out.writeInt(validationLosses.length);
        for (double one : validationLosses) {
            out.writeDouble(one);
        }
        for (String name : parameters.names()) {
            StateFile.writeValues(out, name, parameters.values(name));
        }
    }

    static TrainedState read(DataInputStream in, Parameters like) throws IOException {
        int epoch = in.readInt();
        double loss = in.readDouble();
        int count = in.readInt();
        if (count < 0 || count > in.available() / Double.BYTES) {
            throw new IOException("a state has " + count + " validation losses");
        }
        double[] losses = new double[count];
        for (int i = 0; i < count; i++) {
            losses[i] = in.readDouble();
        }
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : like.names()) {
            int size = like.values(name).length;
            if (!in.readUTF().equals(name) || in.readInt() != size) {
                throw new IOException("a state's parameters are not those of the package");
            }
            values.put(name, StateFile.readValues(in, size));
        }
        return new TrainedState(epoch, loss, losses, like.withValues(values));
    }
}
