package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.protocol.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The app's examples with label indexes of a task.
 *
 * @param fingerprint changes when any text or label does
 */
record PrivateExamples(
        List<LabelledText> training,
        List<LabelledText> validation,
        List<LabelledText> test,
        Sha256 fingerprint) {
    /**
     * Reads the examples as they are now; those whose label the task does not have are an error
     * that counts them.
     */
    static PrivateExamples read(ExampleSource source, List<String> labels) {
        Map<String, Integer> indexes = new HashMap<>();
        for (String label : labels) {
            indexes.put(label, indexes.size());
        }
        MessageDigest digest = Sha256.digest();
        ExampleSource now = source.snapshot(labels);
        List<LabelledText> training = convert("training", now.training(), indexes, digest);
        List<LabelledText> validation = convert("validation", now.validation(), indexes, digest);
        List<LabelledText> test = convert("test", now.test(), indexes, digest);
        if (training.isEmpty()) {
            throw new EdgeException(
                    Code.BAD_EXAMPLES, "a task needs training examples, but there are none");
        }
        return new PrivateExamples(training, validation, test, Sha256.of(digest.digest()));
    }

    private static List<LabelledText> convert(
            String part,
            List<Example> examples,
            Map<String, Integer> indexes,
            MessageDigest digest) {
        List<LabelledText> converted = new ArrayList<>(examples.size());
        int unknown = 0;
        digest.update(ByteBuffer.allocate(4).putInt(examples.size()).array());
        for (Example example : examples) {
            Integer label = indexes.get(example.label());
            if (label == null) {
                unknown++;
                continue;
            }
            byte[] text = example.text().getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(8).putInt(label).putInt(text.length).array());
            digest.update(text);
            converted.add(new LabelledText(example.text(), label));
        }
        if (unknown > 0) {
            // A label may be private too: only the task's own are named.
            throw new EdgeException(
                    Code.BAD_EXAMPLES,
                    unknown
                            + " of "
                            + examples.size()
                            + " "
                            + part
                            + " examples have a label that the task does not have; it has "
                            + String.join(", ", new java.util.TreeSet<>(indexes.keySet())));
        }
        return converted;
    }

    @Override
    public String toString() {
        return "PrivateExamples["
                + training.size()
                + " training, "
                + validation.size()
                + " validation, "
                + test.size()
                + " test]";
    }
}
