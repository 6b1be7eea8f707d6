package io.crosslm.coordinator.slm;

import io.crosslm.coordinator.feedback.LabelJudge;
import io.crosslm.coordinator.sample.TextEmbedder;
import io.crosslm.slm.SlmException;
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
        try {
            return encoder().embed(texts);
        } catch (SlmException e) {
            throw SlmFailures.of("cannot encode texts", e);
        }
    }

    @Override
    public LabelJudge train(List<String> texts, int[] labels, int labelCount) {
        float[][] embeddings = embed(texts);
        try {
            EmbeddingClassifier classifier =
                    EmbeddingClassifier.train(
                            embeddings, labels, labelCount, EmbeddingClassifier.DEFAULT_STRENGTH);
            return judged -> classifier.predict(embed(judged));
        } catch (SlmException e) {
            throw SlmFailures.of("cannot train a judge of labels", e);
        }
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
