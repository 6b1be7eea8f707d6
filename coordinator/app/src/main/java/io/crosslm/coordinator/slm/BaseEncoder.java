package io.crosslm.coordinator.slm;

import io.crosslm.coordinator.feedback.LabelJudge;
import io.crosslm.coordinator.sample.TextEmbedder;
import io.crosslm.slm.encoder.EmbeddingClassifier;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.encoder.SentenceEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The public encoder that the devices' models are built on, opened at its first use. Thread-safe.
 */
public final class BaseEncoder implements TextEmbedder, LabelJudge.Trainer, AutoCloseable {
    private final EncoderSource source;
    private final int threads;
    private @Nullable SentenceEncoder encoder;

    public BaseEncoder(EncoderSource source, int threads) {
        this.source = source;
        this.threads = threads;
    }

    @Override
    public float[][] embed(List<String> texts) {
        return encoder().embed(texts);
    }

    @Override
    public LabelJudge train(List<String> texts, int[] labels, int labelCount) {
        EmbeddingClassifier classifier =
                EmbeddingClassifier.train(
                        embed(texts), labels, labelCount, EmbeddingClassifier.DEFAULT_STRENGTH);
        return judged -> classifier.predict(embed(judged));
    }

    private synchronized SentenceEncoder encoder() {
        if (encoder == null) {
            encoder = SentenceEncoder.open(source, threads);
        }
        return encoder;
    }

    @Override
    public synchronized void close() {
        if (encoder != null) {
            encoder.close();
            encoder = null;
        }
    }
}
