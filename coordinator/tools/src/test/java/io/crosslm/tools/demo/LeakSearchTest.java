package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.WordPieceJson;
import java.io.StringReader;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeakSearchTest {
    private static final String WORD = "zqvexilmorta";

    private final List<Tokenizer> tokenizers =
            List.of(WordPieceJson.read(new StringReader(EncoderSource.miniLm().tokenizerJson())));
    private final LeakSearch search = new LeakSearch(List.of(WORD), tokenizers);
    private final byte[] stream = new byte[100_000];

    LeakSearchTest() {
        new Random(1).nextBytes(stream);
    }

    @Test
    void find_wordInAnyForm_saysWhich() {
        PlantedLeaks.of("My fridge " + WORD + " does not cool", tokenizers)
                .forEach(
                        (form, leak) ->
                                assertThat(search.find(PlantedLeaks.plant(stream, leak)))
                                        .as(form)
                                        .isNotEmpty()
                                        .allMatch(found -> found.contains(WORD)));
    }

    @Test
    void find_otherText_findsNothing() {
        PlantedLeaks.of("My fridge does not cool, zqvexil morta", tokenizers)
                .forEach(
                        (form, leak) ->
                                assertThat(search.find(PlantedLeaks.plant(stream, leak)))
                                        .as(form)
                                        .isEmpty());
    }
}
