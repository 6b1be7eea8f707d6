package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.TuningCheckpoints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one tuning job on disk. The file is: magic, steps done, then losses, replay KLs and
 * every tensor of the optimiser with their lengths, then a CRC-32 of all that; big-endian. It is
 * complete or not there: it gets its name when it is on the disk. Confined to the model's thread.
 */
final class Checkpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final long MAGIC = 0x43726f73734c4d31L;
    private static final int HEADER_BYTES = 8 + 4;

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
     */
    int restore(Trainer trainer, TuningRun.Progress progress) {
        if (file == null || !Files.exists(file)) {
            return 0;
        }
        List<NDArray> tensors = tensors(trainer);
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes(size(tensors, progress)));
            int step = in.getInt(8);
            in.position(HEADER_BYTES);
            in.asDoubleBuffer().get(progress.losses()).get(progress.kls());
            in.position(HEADER_BYTES + 16 * progress.losses().length);
            for (NDArray tensor : tensors) {
                float[] values = new float[Math.toIntExact(tensor.size())];
                in.asFloatBuffer().get(values);
                in.position(in.position() + Float.BYTES * values.length);
                set(tensor, values);
            }
            LOG.info("Tuning goes on after step {} of a job that was stopped", step);
            return step;
        } catch (IOException e) {
            LOG.warn(
                    "Tuning begins anew: its checkpoint {} cannot be used: {}", file, e.toString());
            return 0;
        }
    }

    private void set(NDArray tensor, float[] values) {
        try (ai.djl.ndarray.NDManager step = decoder.newStep()) {
            decoder.program().tensor(step, "set", tensor, step.create(values));
        }
    }

    private byte[] bytes(long expected) throws IOException {
        Path path = java.util.Objects.requireNonNull(file);
        if (Files.size(path) != expected) {
            throw new IOException(
                    "it has " + Files.size(path) + " bytes, expected are " + expected);
        }
        byte[] bytes = Files.readAllBytes(path);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        CRC32 checksum = new CRC32();
        checksum.update(bytes, 0, bytes.length - 8);
        if (buffer.getLong(0) != MAGIC || buffer.getLong(bytes.length - 8) != checksum.getValue()) {
            throw new IOException("its checksum is wrong");
        }
        return bytes;
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
        return HEADER_BYTES + 16L * progress.losses().length + Float.BYTES * values + 8;
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
        List<NDArray> tensors = tensors(trainer);
        long size = size(tensors, progress);
        if (size > Integer.MAX_VALUE) {
            throw cannotWrite(new IOException("an adapter of " + size + " bytes is too large"));
        }
        ByteBuffer out = ByteBuffer.allocate((int) size);
        out.putLong(MAGIC).putInt(step);
        for (double loss : progress.losses()) {
            out.putDouble(loss);
        }
        for (double kl : progress.kls()) {
            out.putDouble(kl);
        }
        for (NDArray tensor : tensors) {
            float[] values = tensor.toFloatArray();
            out.asFloatBuffer().put(values);
            out.position(out.position() + Float.BYTES * values.length);
        }
        CRC32 checksum = new CRC32();
        checksum.update(out.array(), 0, out.position());
        out.putLong(checksum.getValue()).flip();
        try {
            write(out);
        } catch (IOException e) {
            throw cannotWrite(e);
        }
        writtenNanos = System.nanoTime();
    }

    private void write(ByteBuffer out) throws IOException {
        Path path = java.util.Objects.requireNonNull(file);
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Path part = path.resolveSibling(path.getFileName() + ".part");
        try (FileChannel channel =
                FileChannel.open(
                        part,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            while (out.hasRemaining()) {
                channel.write(out);
            }
            channel.force(true);
        }
        Files.move(part, path, StandardCopyOption.ATOMIC_MOVE);
    }

    private LanguageModelException cannotWrite(IOException cause) {
        return new LanguageModelException(
                Code.CHECKPOINT,
                "the checkpoint "
                        + file
                        + " cannot be written: "
                        + cause.getMessage()
                        + ". Is the disk full? Make room and run the job again: it goes on from"
                        + " the step before",
                cause);
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
