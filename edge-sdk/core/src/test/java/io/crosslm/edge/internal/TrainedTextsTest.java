package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.model.LabelledText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainedTextsTest {
    @TempDir private Path directory;

    @Test
    void unseen_afterSavingAndLoading_leavesOutWhatWasTrainedOn() throws IOException {
        Path file = directory.resolve("round-1.model.texts");
        TrainedTexts.of(texts("a canary", "another")).save(file);

        assertThat(TrainedTexts.load(file).unseen(texts("new", "another", "newer", "a canary")))
                .containsExactly(0, 2);
    }

    @Test
    void unseen_ofATextWhoseLabelWasCorrected_leavesItOutToo() {
        TrainedTexts trained = TrainedTexts.of(List.of(new LabelledText("a", 0)));

        assertThat(trained.unseen(List.of(new LabelledText("a", 1)))).isEmpty();
    }

    @Test
    void load_ofAModelOfAnEarlierVersion_knowsNone() throws IOException {
        assertThat(TrainedTexts.load(directory.resolve("none")).unseen(texts("a", "b")))
                .containsExactly(0, 1);
    }

    @Test
    void save_showsNoText() throws IOException {
        Path file = directory.resolve("texts");
        TrainedTexts.of(texts("a canary")).save(file);

        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("canary");
        assertThat(Files.size(file)).isEqualTo(Long.BYTES);
    }

    @Test
    void at_someTexts_comparesThoseAlone() {
        Evaluation before = new Evaluation(List.of(true, true, true, true, true, true), 0, 1);
        Evaluation after = new Evaluation(List.of(false, false, false, false, false, true), 0, 1);

        assertThat(after.isNotWorseThan(before)).isFalse();
        assertThat(after.at(List.of(5)).isNotWorseThan(before.at(List.of(5)))).isTrue();
    }

    private static List<LabelledText> texts(String... texts) {
        return Stream.of(texts).map(text -> new LabelledText(text, 0)).toList();
    }
}
