package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Function;

/**
 * Gradients and the optimiser of one adapter. Every loss runs backward at once, so that only one
 * part's activations are held; gradients add up until {@link #step}. Confined to the model's
 * thread.
 */
final class Trainer implements AutoCloseable {
    private static final double WEIGHT_DECAY = 0.01;

    private final Decoder decoder;
    private final AdapterTensors adapter;
    private final NDManager owner;
    private final NDList gradients = new NDList();
    private final NDList means = new NDList();
    private final NDList squares = new NDList();
    private final NDList steps = new NDList();

    /** A trainer of an adapter, which it closes. */
    Trainer(Decoder decoder, AdapterTensors adapter) {
        this.decoder = decoder;
        this.adapter = adapter;
        owner = adapter.manager();
        for (NDArray parameter : adapter.trained()) {
            means.add(owner.zeros(parameter.getShape()));
            squares.add(owner.zeros(parameter.getShape()));
            steps.add(owner.create(0f));
            parameter.setRequiresGradient(true);
        }
    }

    AdapterTensors adapter() {
        return adapter;
    }

    /** Parameters' gradients so far, or an empty list before the first backward pass. */
    NDList gradients() {
        return gradients;
    }

    /** -sum of log p / tokens over the batch's targets. */
    double likelihood(PackedBatch batch, double tokens) {
        return backward(
                step -> {
                    PackedBatch.Tensors b = batch.tensors(step);
                    return program(
                            step,
                            "likelihood",
                            b.ids(),
                            b.positions(),
                            b.allowed(),
                            b.picked(),
                            b.targets(),
                            tokens);
                });
    }

    /**
     * DPO and the chosen texts' likelihood of one part of a step's pairs.
     *
     * @param batch rows of a prompt with its chosen and its rejected text
     * @param reference log-probabilities of both by the untuned model, in the batch's order
     * @param pairs of the whole step
     * @param chosenTokens of the whole step
     */
    double preference(
            PackedBatch batch,
            float[] reference,
            int pairs,
            int chosenTokens,
            double beta,
            double sftWeight) {
        int[] owners = batch.owners();
        float[] chosen = new float[owners.length];
        for (int i = 0; i < owners.length; i++) {
            chosen[i] = owners[i] % 2 == 0 ? 1 : 0;
        }
        return backward(
                step -> {
                    PackedBatch.Tensors b = batch.tensors(step);
                    return program(
                            step,
                            "preference",
                            b.ids(),
                            b.positions(),
                            b.allowed(),
                            b.picked(),
                            b.targets(),
                            step.create(longs(owners)),
                            step.create(chosen),
                            step.create(reference),
                            (double) pairs,
                            (double) chosenTokens,
                            beta,
                            sftWeight);
                });
    }

    /**
     * Cross-entropy of label words.
     *
     * @param batch rows of a context with all label words
     * @param soft label of each row, rows one after the other
     * @param divisor what the sum over rows is divided by
     */
    double labels(PackedBatch batch, float[] soft, double divisor) {
        return backward(
                step -> {
                    PackedBatch.Tensors b = batch.tensors(step);
                    int rows = batch.rowCount();
                    return program(
                            step,
                            "labels",
                            b.ids(),
                            b.positions(),
                            b.allowed(),
                            b.picked(),
                            b.targets(),
                            step.create(longs(batch.owners())),
                            step.create(soft, new Shape(rows, soft.length / rows)),
                            divisor);
                });
    }

    /** KL(untuned || tuned) over all tokens of some replay texts / divisor. */
    double replay(ReplayTexts texts, int[] chosen, double divisor) {
        return backward(
                step ->
                        program(
                                step,
                                "replay",
                                texts.ids(step, chosen),
                                texts.positions(step, chosen.length),
                                texts.states(step, chosen),
                                divisor));
    }

    private NDArray program(NDManager step, String method, Object... arguments) {
        Object[] all = java.util.Arrays.copyOf(arguments, arguments.length + 3);
        all[arguments.length] = decoder.weights();
        all[arguments.length + 1] = adapter.tensors();
        all[arguments.length + 2] = adapter.scale();
        return decoder.program().tensor(step, method, all);
    }

    private double backward(Function<NDManager, NDArray> loss) {
        ModelThread.checkInterrupt();
        try (NDManager step = decoder.newStep()) {
            JniUtils.setGradMode(true);
            PtNDArray value = (PtNDArray) loss.apply(step);
            JniUtils.backward(value, (PtNDArray) step.ones(new Shape()), false, false);
            JniUtils.setGradMode(false);
            if (gradients.isEmpty()) {
                for (NDArray parameter : adapter.trained()) {
                    NDArray gradient = parameter.getGradient();
                    gradient.attach(owner);
                    gradients.add(gradient);
                }
            }
            return value.getFloat();
        } finally {
            JniUtils.setGradMode(false);
        }
    }

    /**
     * Cuts the gradients' common norm, takes one AdamW step and sets the gradients to zero.
     *
     * @return the norm before cutting
     */
    double step(double clipNorm, double learningRate) {
        try (NDManager step = decoder.newStep()) {
            return decoder.program()
                    .tensor(
                            step,
                            "step",
                            adapter.trained(),
                            gradients,
                            means,
                            squares,
                            steps,
                            clipNorm,
                            learningRate,
                            WEIGHT_DECAY)
                    .getFloat();
        }
    }

    private static long[] longs(int[] values) {
        return java.util.Arrays.stream(values).asLongStream().toArray();
    }

    @Override
    public void close() {
        adapter.close();
    }
}
