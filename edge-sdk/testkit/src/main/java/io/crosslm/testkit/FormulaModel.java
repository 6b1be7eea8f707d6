package io.crosslm.testkit;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PrivateCourse;
import io.crosslm.edge.model.PrivateTraining;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TemperatureFit;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingListener;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.model.TrainingSummary;
import io.crosslm.edge.privacy.GaussianNoise;
import io.crosslm.edge.privacy.SampledGaussian;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/** Softmax regression on hashed words. Confined to one thread at a time. */
final class FormulaModel implements LocalModel {
    private static final int BUCKETS = 4096;
    private static final int MAGIC = 0x43464d31;
    private static final double STEP = 2.0;
    private static final double WEIGHT_DECAY = 1e-3;

    private final List<String> labels;
    private final byte[] packageHash;
    // Weights [labels][BUCKETS + 1]; the last column is the bias.
    private double[][] weights;
    private double temperature = 1;

    FormulaModel(List<String> labels, byte[] packageHash) {
        this.labels = List.copyOf(labels);
        this.packageHash = packageHash.clone();
        weights = new double[labels.size()][BUCKETS + 1];
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public float[][] score(List<String> texts) {
        return TemperatureFit.distributions(logits(weights, features(texts)), temperature);
    }

    @Override
    public TrainingSummary train(
            TrainingData data, TrainingSettings settings, TrainingListener listener) {
        if (settings.privacy() != null) {
            return trainPrivately(data, settings, settings.privacy());
        }
        Batch batch = batch(data, settings.poolWeight());
        List<String> validationTexts = new ArrayList<>();
        int[] validationLabels = new int[data.validation().size()];
        for (int i = 0; i < validationLabels.length; i++) {
            validationTexts.add(data.validation().get(i).text());
            validationLabels[i] = checked(data.validation().get(i).label());
        }
        int[][] held = features(validationTexts);
        double[][] current = new double[labels.size()][BUCKETS + 1];
        double[][] best = current;
        double bestValidation = Double.POSITIVE_INFINITY;
        double bestTraining = Double.NaN;
        int bestEpoch = 0;
        for (int epoch = 1; epoch <= settings.maxEpochs(); epoch++) {
            double loss = step(current, batch);
            if (Double.isNaN(loss) || Double.isInfinite(loss)) {
                throw new ModelException(
                        ModelException.Code.NOT_FINITE,
                        "The loss of epoch " + epoch + " is " + loss);
            }
            double validation =
                    held.length == 0
                            ? Double.NaN
                            : TemperatureFit.meanNll(logits(current, held), validationLabels, 1);
            if (held.length == 0 || validation < bestValidation) {
                best = copy(current);
                bestValidation = validation;
                bestTraining = loss;
                bestEpoch = epoch;
            }
            if (!listener.epochDone(epoch, settings.maxEpochs(), validation)) {
                throw new ModelException(
                        ModelException.Code.CANCELLED, "Cancelled after epoch " + epoch);
            }
        }
        weights = best;
        temperature = TemperatureFit.fit(logits(best, held), validationLabels);
        return new TrainingSummary(
                settings.maxEpochs(), bestEpoch, bestTraining, bestValidation, temperature);
    }

    /** Every example is in every step. */
    @Override
    public PrivateCourse privateCourse(int examples, int maxEpochs) {
        return new PrivateCourse(1, maxEpochs);
    }

    private TrainingSummary trainPrivately(
            TrainingData data, TrainingSettings settings, PrivateTraining privacy) {
        if (!data.pool().isEmpty() || privacy.samplingRate() != 1) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA,
                    "A private training takes all private examples in each step, and no pool");
        }
        Batch batch = batch(data, 0);
        GaussianNoise noise =
                GaussianNoise.of(
                        new SampledGaussian(privacy.samplingRate(), privacy.noiseMultiplier()),
                        privacy.clipNorm(),
                        new SecureRandom());
        double[][] current = new double[labels.size()][BUCKETS + 1];
        double loss = Double.NaN;
        for (int epoch = 1; epoch <= settings.maxEpochs(); epoch++) {
            loss = privateStep(current, batch, privacy.clipNorm(), noise);
        }
        weights = current;
        temperature = 1;
        return new TrainingSummary(settings.maxEpochs(), settings.maxEpochs(), loss, Double.NaN, 1);
    }

    /** A step of DP-SGD; an example's gradient is slope x feature, so its norm is a product. */
    private static double privateStep(
            double[][] weights, Batch batch, double clipNorm, GaussianNoise noise) {
        float[][] p = TemperatureFit.distributions(logits(weights, batch.features), 1);
        double loss = 0;
        double[][] gradient = new double[weights.length][BUCKETS + 1];
        for (int i = 0; i < p.length; i++) {
            double[] slopes = new double[weights.length];
            double square = 0;
            for (int c = 0; c < weights.length; c++) {
                slopes[c] = p[i][c] - batch.targets[i][c];
                square += slopes[c] * slopes[c];
                loss -= batch.targets[i][c] * Math.log(Math.max(p[i][c], 1e-30)) / p.length;
            }
            // Features are 1 / sqrt(words + 1), words and the bias: of length 1.
            double share = Math.min(1, clipNorm / Math.sqrt(square));
            double scale = share / Math.sqrt(batch.features[i].length + 1.0);
            for (int c = 0; c < weights.length; c++) {
                for (int bucket : batch.features[i]) {
                    gradient[c][bucket] += slopes[c] * scale;
                }
                gradient[c][BUCKETS] += slopes[c] * scale;
            }
        }
        for (int c = 0; c < weights.length; c++) {
            for (int j = 0; j <= BUCKETS; j++) {
                weights[c][j] -= STEP * (gradient[c][j] + noise.next()) / p.length;
            }
        }
        return loss;
    }

    /** One step of gradient descent over the whole batch; returns the loss before it. */
    private static double step(double[][] weights, Batch batch) {
        float[][] logits = logits(weights, batch.features);
        float[][] p = TemperatureFit.distributions(logits, 1);
        double loss = 0;
        double total = 0;
        double[][] gradient = new double[weights.length][BUCKETS + 1];
        for (int i = 0; i < p.length; i++) {
            double scale = 1 / Math.sqrt(batch.features[i].length + 1.0);
            total += batch.weights[i];
            for (int c = 0; c < weights.length; c++) {
                float q = batch.targets[i][c];
                if (q > 0) {
                    loss += batch.weights[i] * q * Math.log(q / Math.max(p[i][c], 1e-30));
                }
                double slope = batch.weights[i] * (p[i][c] - q) * scale;
                for (int bucket : batch.features[i]) {
                    gradient[c][bucket] += slope;
                }
                gradient[c][BUCKETS] += slope;
            }
        }
        for (int c = 0; c < weights.length; c++) {
            for (int j = 0; j <= BUCKETS; j++) {
                weights[c][j] -= STEP * (gradient[c][j] / total + WEIGHT_DECAY * weights[c][j]);
            }
        }
        return loss / total;
    }

    private Batch batch(TrainingData data, double poolWeight) {
        int count = data.training().size() + data.pool().size();
        if (count == 0) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA, "There is neither an example nor a pool sample");
        }
        List<String> texts = new ArrayList<>();
        float[][] targets = new float[count][];
        double[] rowWeights = new double[count];
        int i = 0;
        for (LabelledText example : data.training()) {
            texts.add(example.text());
            targets[i] = new float[labels.size()];
            targets[i][checked(example.label())] = 1;
            rowWeights[i++] = 1;
        }
        for (SoftLabelledText sample : data.pool()) {
            texts.add(sample.text());
            targets[i] = sample.softLabel();
            if (targets[i].length != labels.size()) {
                throw new ModelException(
                        ModelException.Code.BAD_DATA,
                        "A pool sample has "
                                + targets[i].length
                                + " probabilities where "
                                + labels.size()
                                + " were expected");
            }
            rowWeights[i++] = poolWeight;
        }
        return new Batch(features(texts), targets, rowWeights);
    }

    private int checked(int label) {
        if (label < 0 || label >= labels.size()) {
            throw new ModelException(
                    ModelException.Code.BAD_DATA,
                    "Label index " + label + " is not in 0 to " + (labels.size() - 1));
        }
        return label;
    }

    @Override
    public void save(Path file) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.write(packageHash);
            out.writeDouble(temperature);
            for (double[] row : weights) {
                for (double weight : row) {
                    out.writeDouble(weight);
                }
            }
            CRC32 crc = new CRC32();
            crc.update(bytes.toByteArray());
            out.writeLong(crc.getValue());
            Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
            Files.write(temporary, bytes.toByteArray());
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ModelException(ModelException.Code.STORAGE, "The model cannot be saved", e);
        }
    }

    @Override
    public void restore(Path file) {
        double[][] restored = new double[labels.size()][BUCKETS + 1];
        CheckedInputStream checked;
        try (DataInputStream in =
                new DataInputStream(
                        checked =
                                new CheckedInputStream(Files.newInputStream(file), new CRC32()))) {
            byte[] hash = new byte[packageHash.length];
            int magic = in.readInt();
            in.readFully(hash);
            if (magic != MAGIC || !Arrays.equals(hash, packageHash)) {
                throw badCheckpoint("It belongs to another package");
            }
            double t = in.readDouble();
            for (double[] row : restored) {
                for (int j = 0; j < row.length; j++) {
                    row[j] = in.readDouble();
                }
            }
            long expected = checked.getChecksum().getValue();
            if (in.readLong() != expected || in.read() != -1) {
                throw badCheckpoint("It is damaged");
            }
            weights = restored;
            temperature = t;
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_CHECKPOINT, "It is cut short or cannot be read", e);
        }
    }

    @Override
    public void close() {
        // Nothing native to free.
    }

    private static ModelException badCheckpoint(String message) {
        return new ModelException(ModelException.Code.BAD_CHECKPOINT, message);
    }

    private static double[][] copy(double[][] rows) {
        double[][] result = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            result[i] = rows[i].clone();
        }
        return result;
    }

    /** Buckets of the distinct words of each text. */
    private static int[][] features(List<String> texts) {
        int[][] result = new int[texts.size()][];
        for (int i = 0; i < result.length; i++) {
            result[i] =
                    Arrays.stream(texts.get(i).toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                            .filter(word -> !word.isEmpty())
                            .mapToInt(word -> Math.floorMod(word.hashCode() * 0x9E3779B1, BUCKETS))
                            .distinct()
                            .toArray();
        }
        return result;
    }

    private static float[][] logits(double[][] weights, int[][] features) {
        float[][] logits = new float[features.length][weights.length];
        for (int i = 0; i < features.length; i++) {
            double scale = 1 / Math.sqrt(features[i].length + 1.0);
            for (int c = 0; c < weights.length; c++) {
                double sum = weights[c][BUCKETS];
                for (int bucket : features[i]) {
                    sum += weights[c][bucket];
                }
                logits[i][c] = (float) (sum * scale);
            }
        }
        return logits;
    }

    /** Rows to train on. */
    private static final class Batch {
        private final int[][] features;
        private final float[][] targets;
        private final double[] weights;

        Batch(int[][] features, float[][] targets, double[] weights) {
            this.features = features;
            this.targets = targets;
            this.weights = weights;
        }
    }
}
