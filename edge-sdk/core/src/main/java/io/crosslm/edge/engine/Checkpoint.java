package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trained state in a file: magic, format version, the package's hash, T, every parameter with its
 * name, and a SHA-256 of all that. Numbers are big-endian. Immutable.
 */
public final class Checkpoint {
    private static final int MAGIC = 0x43584c53; // "CXLS"
    private static final int VERSION = 1;
    private static final int HASH_BYTES = 32;
    private static final double LARGEST_TEMPERATURE = 1e6;

    private final Parameters parameters;
    private final double temperature;

    /** A state. */
    public Checkpoint(Parameters parameters, double temperature) {
        this.parameters = parameters;
        this.temperature = temperature;
    }

    /** The trained part. */
    public Parameters parameters() {
        return parameters;
    }

    /** T. */
    public double temperature() {
        return temperature;
    }

    /**
     * Writes the file so that after a crash either the old or the new content is there.
     *
     * @param packageHash of {@link PackageManifest#hash}
     * @throws ModelException if it cannot be written
     */
    public void write(Path file, byte[] packageHash) {
        StateFile.write(file, out -> writeTo(out, packageHash));
    }

    private void writeTo(OutputStream out, byte[] packageHash) throws IOException {
        MessageDigest digest = PackageManifest.sha256();
        DataOutputStream data = new DataOutputStream(new DigestOutputStream(out, digest));
        data.writeInt(MAGIC);
        data.writeInt(VERSION);
        data.write(packageHash);
        data.writeDouble(temperature);
        data.writeInt(parameters.names().size());
        for (String name : parameters.names()) {
            StateFile.writeValues(data, name, parameters.values(name));
        }
        data.flush();
        out.write(digest.digest());
    }

    /**
     * Reads a file.
     *
     * @param like names and shapes that the state must have
     * @throws ModelException if it is damaged or belongs to another package
     */
    public static Checkpoint read(Path file, byte[] packageHash, Parameters like) {
        MessageDigest digest = PackageManifest.sha256();
        try (DigestInputStream in =
                        new DigestInputStream(
                                new BufferedInputStream(Files.newInputStream(file)), digest);
                DataInputStream data = new DataInputStream(in)) {
            if (data.readInt() != MAGIC) {
                throw bad("it is not a model state");
            }
            int version = data.readInt();
            if (version != VERSION) {
                throw bad("it has format " + version + " where " + VERSION + " was expected");
            }
            byte[] hash = new byte[HASH_BYTES];
            data.readFully(hash);
            if (!Arrays.equals(hash, packageHash)) {
                throw bad("it belongs to another package");
            }
            double temperature = data.readDouble();
            Map<String, float[]> values = readValues(data, like);
            byte[] actual = digest.digest();
            in.on(false);
            byte[] expected = new byte[HASH_BYTES];
            data.readFully(expected);
            boolean sane = temperature > 0 && temperature < LARGEST_TEMPERATURE;
            if (!sane || !Arrays.equals(actual, expected) || data.read() != -1) {
                throw bad("it is damaged");
            }
            return new Checkpoint(like.withValues(values), temperature);
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_CHECKPOINT,
                    "The model's state is cut short or cannot be read; train again",
                    e);
        }
    }

    private static Map<String, float[]> readValues(DataInputStream data, Parameters like)
            throws IOException {
        int count = data.readInt();
        if (count != like.names().size()) {
            throw bad("it has " + count + " parameters");
        }
        Map<String, float[]> values = new LinkedHashMap<>();
        for (String name : like.names()) {
            float[] numbers = new float[like.values(name).length];
            if (!data.readUTF().equals(name) || data.readInt() != numbers.length) {
                throw bad("its parameters are not those of the package");
            }
            byte[] bytes = new byte[4 * numbers.length];
            data.readFully(bytes);
            ByteBuffer.wrap(bytes).asFloatBuffer().get(numbers);
            values.put(name, numbers);
        }
        return values;
    }

    private static ModelException bad(String message) {
        return new ModelException(
                ModelException.Code.BAD_CHECKPOINT,
                "The model's state cannot be used: " + message + "; train again");
    }
}
