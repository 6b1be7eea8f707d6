package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.TuningCheckpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one tuning job on disk: a {@link StateFile} of the steps that are done, losses,
 * replay KLs and every tensor of the optimiser. It is complete or not there. Confined to the
 * model's thread.
 */
final class Checkpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

    private final @Nullable Path file;
    private final long intervalNanos;
    private final Decoder decoder;
    private long writtenNanos;

    /**
     * A job's checkpoint.
     *
     * @param name of the file, which tells the job
     */
    Checkpoint(TuningCheckpoints checkpoints, String name, Decoder decoder) {
        file = checkpoints.folder().map(folder -> folder.resolve(name)).orElse(null);
        intervalNanos = checkpoints.interval().toNanos();
        this.decoder = decoder;
        writtenNanos = System.nanoTime();
    }

    /**
     * Takes over what is on the disk.
     *
     * @return steps that are done
     * @throws LanguageModelException if the disk fails half-way
     */
    int restore(Trainer trainer, TuningRun.Progress progress) {
        if (file == null || !Files.exists(file)) {
            return 0;
        }
        List<NDArray> tensors = tensors(trainer);
        try {
            StateFile.check(file, size(tensors, progress));
        } catch (IOException e) {
            LOG.warn(
                    "Tuning begins anew: its checkpoint {} cannot be used: {}", file, e.toString());
            return 0;
        }
        try (StateFile.Reader reader = new StateFile.Reader(file)) {
            int step = reader.number();
            reader.get(progress.losses());
            reader.get(progress.kls());
            for (NDArray tensor : tensors) {
                set(tensor, reader.floats(Math.toIntExact(tensor.size())));
            }
            LOG.info("Tuning goes on after step {} of a job that was stopped", step);
            return step;
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.CHECKPOINT,
                    "the checkpoint "
                            + file
                            + " cannot be read: "
                            + e.getMessage()
                            + ". Run the job again, or delete the file to begin anew",
                    e);
        }
    }

    private void set(NDArray tensor, float[] values) {
        try (NDManager step = decoder.newStep()) {
            decoder.program().tensor(step, "set", tensor, step.create(values));
        }
    }

    private static List<NDArray> tensors(Trainer trainer) {
        List<NDArray> tensors = new ArrayList<>();
        for (NDList list : trainer.state()) {
            tensors.addAll(list);
        }
        return tensors;
    }

    private static long size(List<NDArray> tensors, TuningRun.Progress progress) {
        long values = tensors.stream().mapToLong(NDArray::size).sum();
        return StateFile.FRAME_BYTES
                + Integer.BYTES
                + 2L * Double.BYTES * progress.losses().length
                + Float.BYTES * values;
    }

    /**
     * Writes the state after a step if it is time to.
     *
     * @throws LanguageModelException if it cannot be written; the state of an earlier step is kept
     */
    void save(int step, Trainer trainer, TuningRun.Progress progress) {
        if (file == null || System.nanoTime() - writtenNanos < intervalNanos) {
            return;
        }
        try (StateFile.Writer writer = new StateFile.Writer(file)) {
            writer.put(step);
            writer.put(progress.losses());
            writer.put(progress.kls());
            for (NDArray tensor : tensors(trainer)) {
                writer.put(tensor.toFloatArray());
            }
            writer.finish();
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.CHECKPOINT,
                    "the checkpoint "
                            + file
                            + " cannot be written: "
                            + e.getMessage()
                            + ". Is the disk full? Make room and run the job again: it goes on from"
                            + " the step before",
                    e);
        }
        writtenNanos = System.nanoTime();
    }

    /** Takes it away when the job is done. */
    void delete() {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn(
                    "The checkpoint {} of a finished job cannot be deleted: {}",
                    file,
                    e.toString());
        }
    }
}
