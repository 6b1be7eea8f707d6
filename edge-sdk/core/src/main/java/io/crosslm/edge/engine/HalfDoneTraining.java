package io.crosslm.edge.engine;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A training that was interrupted between two steps, in a file: magic, format version, the key of
 * everything that the training depends on, where it is, the best state so far, the run's state, and
 * a SHA-256 of all that. Immutable.
 *
 * @param epoch that is under way, from 1
 * @param stepsDone in it; all of them where only its validation is missing
 * @param lossSum of those steps
 * @param best state of an earlier epoch, if there is one
 * @param run what {@link TrainingRun#state} gave
 */
record HalfDoneTraining(
        int epoch,
        int stepsDone,
        double lossSum,
        @Nullable TrainedState best,
        Map<String, float[]> run) {
    private static final int MAGIC = 0x43584c48; // "CXLH"
    private static final int VERSION = 1;
    private static final int HASH_BYTES = 32;
    private static final long LARGEST_FILE_BYTES = 4 * Parameters.LARGEST_FILE_BYTES;

    /** Writes the file atomically; key has 32 bytes. */
    void write(Path file, byte[] key) {
        StateFile.write(
                file,
                out -> {
                    MessageDigest digest = PackageManifest.sha256();
                    DataOutputStream data =
                            new DataOutputStream(new DigestOutputStream(out, digest));
                    data.writeInt(MAGIC);
                    data.writeInt(VERSION);
                    data.write(key);
                    data.writeInt(epoch);
                    data.writeInt(stepsDone);
                    data.writeDouble(lossSum);
                    data.writeBoolean(best != null);
                    if (best != null) {
                        best.write(data);
                    }
                    data.writeInt(run.size());
                    for (Map.Entry<String, float[]> entry : run.entrySet()) {
                        StateFile.writeValues(data, entry.getKey(), entry.getValue());
                    }
                    data.flush();
                    out.write(digest.digest());
                });
    }

    /**
     * Reads a file.
     *
     * @param like names and shapes of the package's parameters
     * @return null if there is none, or it is damaged or of another training: that begins anew
     */
    static @Nullable HalfDoneTraining read(Path file, byte[] key, Parameters like) {
        try {
            if (!Files.exists(file) || Files.size(file) > LARGEST_FILE_BYTES) {
                return null;
            }
            byte[] all = Files.readAllBytes(file);
            int length = all.length - HASH_BYTES;
            MessageDigest digest = PackageManifest.sha256();
            digest.update(all, 0, Math.max(0, length));
            if (length < 0
                    || !Arrays.equals(
                            digest.digest(), Arrays.copyOfRange(all, length, all.length))) {
                return null;
            }
            return parse(new DataInputStream(new ByteArrayInputStream(all, 0, length)), key, like);
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable HalfDoneTraining parse(
            DataInputStream data, byte[] key, Parameters like) throws IOException {
        byte[] itsKey = new byte[HASH_BYTES];
        if (data.readInt() != MAGIC || data.readInt() != VERSION) {
            return null;
        }
        data.readFully(itsKey);
        if (!Arrays.equals(itsKey, key)) {
            return null;
        }
        int epoch = data.readInt();
        int stepsDone = data.readInt();
        double lossSum = data.readDouble();
        TrainedState best = data.readBoolean() ? TrainedState.read(data, like) : null;
        int count = data.readInt();
        Map<String, float[]> run = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = data.readUTF();
            int values = data.readInt();
            if (values < 0 || values > data.available() / 4) {
                return null;
            }
            run.put(name, StateFile.readValues(data, values));
        }
        return new HalfDoneTraining(epoch, stepsDone, lossSum, best, run);
    }
}
