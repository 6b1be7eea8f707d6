package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.crosslm.llm.LikelihoodScorer.ContinuationScore;
import io.crosslm.llm.OptimiserSettings;
import io.crosslm.llm.PreferenceLoss;
import java.util.List;
import java.util.function.Function;

/**
 * Gradients and the optimiser of one adapter. Every loss runs backward at once, so that only one
 * part's activations are held; gradients add up until {@link #step}. Confined to the model's
 * thread.
 */
final class Trainer implements AutoCloseable {
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

    /** Everything that the next step depends on: parameters, means, squares and step counts. */
    List<NDList> state() {
        return List.of(adapter.trained(), means, squares, steps);
    }

    /** Log-probabilities of a batch's completions by the adapter as it is now. */
    List<List<ContinuationScore>> scores(List<Likelihoods.Item> items) {
        return new Likelihoods(decoder, adapter).scores(items);
    }

    /** Makes what is dropped from now on depend on the number only. */
    void seedDropout(long seed) {
        JniUtils.setSeed(seed);
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
     * Loss of one part of a step's pairs, and the chosen texts' likelihood.
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
            PreferenceLoss settings) {
        int[] owners = batch.owners();
        float[] chosen = new float[owners.length];
        float[] tokens = new float[reference.length];
        for (int i = 0; i < owners.length; i++) {
            chosen[i] = owners[i] % 2 == 0 ? 1 : 0;
            tokens[owners[i]]++;
        }
        boolean ipo = settings.kind() == PreferenceLoss.Kind.IPO;
        if (!ipo) {
            java.util.Arrays.fill(tokens, 1);
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
                            step.create(tokens),
                            ipo ? 1L : 0L,
                            (double) pairs,
                            (double) chosenTokens,
                            settings.beta(),
                            settings.sftWeight());
                });
    }

    /**
     * KTO loss of one part of a step's rated completions.
     *
     * @param batch rows of a prompt with its completion
     * @param reference log-probabilities by the untuned model
     * @param signs 1 for a desirable completion, -1 for another
     * @param klAndBeta reference point of the whole step, and beta
     * @param divisor completions of the whole step
     */
    double rated(
            PackedBatch batch, float[] reference, float[] signs, double[] klAndBeta, int divisor) {
        return backward(
                step -> {
                    PackedBatch.Tensors b = batch.tensors(step);
                    return program(
                            step,
                            "rated",
                            b.ids(),
                            b.positions(),
                            b.allowed(),
                            b.picked(),
                            b.targets(),
                            step.create(longs(batch.owners())),
                            step.create(reference),
                            step.create(signs),
                            klAndBeta[0],
                            klAndBeta[1],
                            (double) divisor);
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
    double step(OptimiserSettings settings, double learningRate) {
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
                            settings.clipNorm(),
                            learningRate,
                            settings.weightDecay())
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
