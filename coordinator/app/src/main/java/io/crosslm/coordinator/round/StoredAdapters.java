package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.llm.Adapter;
import io.crosslm.protocol.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adapters kept as artifacts, in the order of their layers, so that equal ones have one hash.
 * Thread-safe.
 */
final class StoredAdapters {
    private static final int MAGIC = 0x434c4d31; // "CLM1"

    private final RoundArtifacts artifacts;

    StoredAdapters(RoundArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    /** Keeps an adapter and returns its hexadecimal hash; empty for none. */
    String put(Adapter adapter) {
        if (adapter.isNone()) {
            return "";
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeInt(adapter.rank());
            out.writeDouble(adapter.alpha());
            out.writeInt(adapter.layers().size());
            for (String layer : adapter.layers()) {
                Adapter.Matrices matrices = adapter.matrices(layer);
                out.writeUTF(layer);
                out.writeInt(matrices.in());
                out.writeInt(matrices.out());
                write(out, matrices.a());
                write(out, matrices.b());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return artifacts.put(bytes.toByteArray()).hex();
    }

    /** The adapter of that hash. */
    Adapter read(String hash) {
        if (hash.isEmpty()) {
            return Adapter.none();
        }
        byte[] bytes = artifacts.read(Sha256.ofHex(hash));
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (in.readInt() != MAGIC) {
                throw new IOException("not an adapter");
            }
            int rank = in.readInt();
            double alpha = in.readDouble();
            int layers = in.readInt();
            Map<String, Adapter.Matrices> matrices = new LinkedHashMap<>();
            for (int i = 0; i < layers; i++) {
                String layer = in.readUTF();
                int inSize = in.readInt();
                int outSize = in.readInt();
                float[] a = floats(in, Math.multiplyExact(rank, inSize));
                float[] b = floats(in, Math.multiplyExact(outSize, rank));
                matrices.put(layer, new Adapter.Matrices(inSize, outSize, a, b));
            }
            return Adapter.of(rank, alpha, matrices);
        } catch (IOException | ArithmeticException e) {
            throw new CoordinatorException(
                    Code.DAMAGED_DATABASE, "the stored adapter " + hash + " cannot be read", e);
        }
    }

    private static void write(DataOutputStream out, float[] values) throws IOException {
        for (float value : values) {
            out.writeFloat(value);
        }
    }

    private static float[] floats(DataInputStream in, int count) throws IOException {
        if (count < 0 || (long) count * Float.BYTES > in.available()) {
            throw new IOException("matrices of " + count + " values do not fit the rest");
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.readFloat();
        }
        return values;
    }
}
