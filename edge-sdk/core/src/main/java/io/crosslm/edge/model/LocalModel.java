package io.crosslm.edge.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A small language model on the device: a frozen or adapted encoder and a head over the task's
 * labels. Confined to one thread at a time.
 *
 * <p>A freshly opened model is the base: its trained part is the package's initial state.
 */
public interface LocalModel extends AutoCloseable {
    /** Labels in the order of every distribution. */
    List<String> labels();

    /**
     * Class distributions softmax(z(x) / T) of texts.
     *
     * @return [texts.size()][labels().size()], rows in the order of the texts
     */
    float[][] score(List<String> texts);

    /**
     * Trains from the base: the trained part and T are reset first. The loss is the sum of CE over
     * private examples + poolWeight * the sum of KL(q || p) over pool samples, divided by the sum
     * of the weights (recipe of CrossLM's experiments: a pool of hundreds counts more than thirty
     * private examples). Keeps the state with the lowest validation loss, then fits T on the
     * validation part.
     *
     * <p>The same data and settings give the same model on the same machine. A training that fails
     * leaves the model as it was.
     *
     * @throws ModelException if the data do not fit the labels, the progress listener cancelled or
     *     the loss is not finite
     */
    TrainingSummary train(TrainingData data, TrainingSettings settings, TrainingListener listener);

    /**
     * What {@link #train} with the same data and settings would take; nothing is trained.
     *
     * @return empty if the engine cannot tell
     * @throws ModelException if the data do not fit the labels
     */
    default Optional<TrainingEstimate> estimate(TrainingData data, TrainingSettings settings) {
        return Optional.empty();
    }

    /**
     * How {@link #train} with {@link PrivateTraining} would go: the steps depend on the package and
     * on how many examples there are, on nothing else of them.
     *
     * @param examples private ones, 1 or more
     * @param maxEpochs as in {@link TrainingSettings}
     * @throws ModelException NOT_PRIVATE if the package's model cannot be trained that way
     */
    default PrivateCourse privateCourse(int examples, int maxEpochs) {
        throw new ModelException(
                ModelException.Code.NOT_PRIVATE,
                "The package's model cannot be trained with differential privacy");
    }

    /**
     * Finds out whether {@link #train} with {@link PrivateTraining} would do what it promises,
     * before anybody pays for it. It may take as much memory as a step on one text.
     *
     * @throws ModelException NOT_PRIVATE if it would not
     */
    default void checkPrivateTraining() {}

    /** Writes the trained part and T to a file, atomically. */
    void save(Path file);

    /**
     * Takes the trained part and T from a file that {@link #save} wrote.
     *
     * @throws ModelException if the file is damaged or belongs to another package
     */
    void restore(Path file);

    /** Frees native memory. */
    @Override
    void close();
}
