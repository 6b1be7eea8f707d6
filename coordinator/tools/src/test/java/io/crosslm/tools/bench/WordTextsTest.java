package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WordTextsTest {
    @TempDir private Path folder;

    @Test
    void texts_haveTheirTokensInWholeWords() throws IOException {
        JsonObject vocabulary = new JsonObject();
        for (char first = 'a'; first <= 'z'; first++) {
            for (char last = 'a'; last <= 'e'; last++) {
                vocabulary.addProperty("wo" + first + last, vocabulary.size());
            }
        }
        vocabulary.addProperty("##piece", vocabulary.size());
        vocabulary.addProperty("[CLS]", vocabulary.size());

        List<String> texts = WordTexts.of(tokenizer(vocabulary)).texts(200, 4, 9);

        assertThat(texts).hasSize(200).allMatch(text -> text.matches("wo[a-z]{2}( wo[a-z]{2})*"));
        Set<Integer> words =
                texts.stream().map(text -> text.split(" ").length).collect(Collectors.toSet());
        // Two of a text's tokens are [CLS] and [SEP].
        assertThat(words).containsExactlyInAnyOrder(2, 3, 4, 5, 6, 7);
    }

    @Test
    void of_anotherKindOfTokenizer_saysWhatWasExpected() throws IOException {
        Path unigram = folder.resolve("tokenizer.json");
        Files.writeString(unigram, "{\"model\": {\"vocab\": [[\"a\", -1.0]]}}");

        assertThatThrownBy(() -> WordTexts.of(unigram))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("tokenizer.json of kind WordPiece");
    }

    @Test
    void of_tooFewWords_saysHowMany() throws IOException {
        JsonObject vocabulary = new JsonObject();
        vocabulary.addProperty("word", 0);
        Path file = tokenizer(vocabulary);

        assertThatThrownBy(() -> WordTexts.of(file))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("only 1 whole words");
    }

    private Path tokenizer(JsonObject vocabulary) throws IOException {
        JsonObject model = new JsonObject();
        model.add("vocab", vocabulary);
        JsonObject root = new JsonObject();
        root.add("model", model);
        return Files.writeString(folder.resolve("tokenizer.json"), root.toString());
    }
}
