package io.crosslm.slm.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crosslm.slm.SlmException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SentenceEncoderTest {
    /** PyTorch's pooled vector for this text begins with these values and has this length. */
    private static final double[] GOLDEN_FIRST_8 = {
        -0.30035013, 0.38017955, -0.09046458, 0.031920828,
        -0.15137975, 0.04950028, 0.059520777, 0.37194803
    };

    private static final double GOLDEN_NORM = 5.30714307;

    @Test
    void embed_knownText_isTheGoldenVectorAlsoInAPaddedBatch() {
        try (SentenceEncoder encoder = SentenceEncoder.open(EncoderSource.miniLm(), 1)) {
            float[][] embeddings =
                    encoder.embed(
                            List.of(
                                    "A much longer text that makes the encoder pad the other one.",
                                    "The film was wonderful.",
                                    ""));

            assertThat(embeddings).hasDimensions(3, 384);
            for (int i = 0; i < GOLDEN_FIRST_8.length; i++) {
                assertThat((double) embeddings[1][i])
                        .isCloseTo(GOLDEN_FIRST_8[i] / GOLDEN_NORM, within(2e-5));
            }
        }
    }

    @Test
    void open_noSuchFile_saysWhichEncoder() {
        EncoderSource source =
                EncoderSource.files("mine", "none", Path.of("no.onnx"), Path.of("no.json"));

        assertThatThrownBy(() -> SentenceEncoder.open(source, 1))
                .isInstanceOf(SlmException.class)
                .hasMessageContaining("SLM-2101")
                .hasMessageContaining("mine");
    }
}
