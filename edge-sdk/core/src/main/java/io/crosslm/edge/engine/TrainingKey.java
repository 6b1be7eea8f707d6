package io.crosslm.edge.engine;

import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingSettings;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/** Hash of everything that a training's result depends on. */
final class TrainingKey {
    private TrainingKey() {}

    /** 32 bytes. */
    static byte[] of(byte[] packageHash, TrainingData data, TrainingSettings settings) {
        MessageDigest digest = PackageManifest.sha256();
        try (DataOutputStream out = new DataOutputStream(new Hashed(digest))) {
            out.write(packageHash);
            out.writeDouble(settings.poolWeight());
            out.writeInt(settings.maxEpochs());
            out.writeLong(settings.seed());
            if (settings.privacy() != null) {
                out.writeDouble(settings.privacy().clipNorm());
                out.writeDouble(settings.privacy().noiseMultiplier());
                out.writeDouble(settings.privacy().samplingRate());
            }
            write(out, data.training());
            write(out, data.validation());
            out.writeInt(data.pool().size());
            for (SoftLabelledText sample : data.pool()) {
                write(out, sample.text());
                for (float p : sample.softLabel()) {
                    out.writeFloat(p);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digest.digest();
    }

    private static void write(DataOutputStream out, List<LabelledText> examples)
            throws IOException {
        out.writeInt(examples.size());
        for (LabelledText example : examples) {
            write(out, example.text());
            out.writeInt(example.label());
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /** Gives bytes to a digest and nowhere else. */
    private static final class Hashed extends OutputStream {
        private final MessageDigest digest;

        Hashed(MessageDigest digest) {
            this.digest = digest;
        }

        @Override
        public void write(int b) {
            digest.update((byte) b);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            digest.update(bytes, offset, length);
        }
    }
}
