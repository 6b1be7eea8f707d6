package io.crosslm.protocol.wire;

import com.google.protobuf.ByteString;
import io.crosslm.protocol.Limits;

/** What the parts of a batch and of a pool must keep. */
final class PartRules {
    private PartRules() {}

    static void check(BatchPart part) {
        Rules.taskAndRound(part.getTask(), part.getRound());
        Rules.count("part", part.getPart(), 0, Limits.MAX_BATCH_PARTS - 1);
        Rules.count("count of samples", part.getSamplesCount(), 1, Limits.MAX_BATCH_SAMPLES);
        int first = part.getSamples(0).getIndex();
        for (int i = 0; i < part.getSamplesCount(); i++) {
            Sample sample = part.getSamples(i);
            Rules.count("sample.index", sample.getIndex(), 0, Limits.MAX_BATCH_SAMPLES - 1);
            Rules.require(sample.getIndex() == first + i, "sample.index does not rise by one");
            Rules.count("sample.intended", sample.getIntended(), 0, Limits.MAX_LABELS - 1);
            checkText(sample.getText());
        }
    }

    static void check(PoolPart part, int labels) {
        Rules.taskAndRound(part.getTask(), part.getRound());
        Rules.count("part", part.getPart(), 0, Limits.MAX_POOL_PARTS - 1);
        Rules.count("count of samples", part.getSamplesCount(), 1, Limits.MAX_POOL_SAMPLES);
        for (PoolSample sample : part.getSamplesList()) {
            checkText(sample.getText());
            checkSoftLabel(sample.getSoftLabel(), labels);
        }
    }

    private static void checkText(String text) {
        Rules.length("a sample's text", text, Limits.MAX_TEXT_LENGTH);
        Rules.require(!text.isEmpty(), "a sample's text is empty");
    }

    private static void checkSoftLabel(ByteString softLabel, int labels) {
        Rules.bytes("soft_label", softLabel, labels);
        SoftLabels.decode(softLabel);
    }
}
