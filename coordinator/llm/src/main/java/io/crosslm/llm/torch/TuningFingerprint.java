package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LabelExample;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.PreferencePair;
import io.crosslm.llm.TextExample;
import io.crosslm.llm.TuningJob;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeSet;

/** A hash of everything that the result of a tuning job depends on. */
final class TuningFingerprint {
    private final MessageDigest digest;

    private TuningFingerprint(MessageDigest digest) {
        this.digest = digest;
    }

    /** SHA-256 in hexadecimal. */
    static String of(ModelDescription model, TuningJob job) {
        try {
            return new TuningFingerprint(MessageDigest.getInstance("SHA-256")).hash(model, job);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    private String hash(ModelDescription model, TuningJob job) {
        text(model.sha256());
        text(model.dataType());
        text(model.device());
        // A set's own order differs from one process to the next.
        text(job.settings().lora().rank() + " " + job.settings().lora().alpha());
        text(job.settings().lora().dropout() + " " + targets(job));
        text(job.settings().optimiser().toString());
        text(job.settings().preference().toString());
        text(job.settings().replay().toString());
        number(job.settings().passes());
        number(job.settings().pairsPerStep());
        number(job.settings().labelsPerStep());
        number(Double.doubleToLongBits(job.settings().labelWeight()));
        number(job.seed());
        number(job.replaySeed());
        number(job.pairs().size());
        for (PreferencePair pair : job.pairs()) {
            text(pair.prompt());
            text(pair.chosen());
            text(pair.rejected());
        }
        number(job.texts().size());
        for (TextExample example : job.texts()) {
            text(example.prompt());
            text(example.completion());
            text(example.rating().name());
        }
        number(job.labelExamples().size());
        for (LabelExample example : job.labelExamples()) {
            text(example.context());
            example.softLabel().forEach(p -> number(Double.doubleToLongBits(p)));
        }
        job.labelWords().forEach(this::text);
        adapter(job.start());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static TreeSet<String> targets(TuningJob job) {
        return new TreeSet<>(job.settings().lora().targets());
    }

    private void adapter(Adapter adapter) {
        number(adapter.rank());
        number(Double.doubleToLongBits(adapter.alpha()));
        for (String layer : new TreeSet<>(adapter.layers())) {
            text(layer);
            floats(adapter.matrices(layer).a());
            floats(adapter.matrices(layer).b());
        }
    }

    private void floats(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
        bytes.asFloatBuffer().put(values);
        digest.update(bytes);
    }

    private void text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        digest.update(bytes);
    }

    private void number(long value) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(value).flip());
    }
}
