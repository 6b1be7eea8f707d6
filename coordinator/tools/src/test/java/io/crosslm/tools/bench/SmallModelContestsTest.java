package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SmallModelContestsTest {
    @Test
    void all_names_areThoseOfTheDocumentation() throws IOException {
        assertThat(contests().stream().map(Contest::name))
                .containsExactly(
                        "train.lora",
                        "train.full",
                        "train.head",
                        "train.private",
                        "score.ort",
                        "score.loop");
    }

    @Test
    void all_withAnEncoderInInt8_trainBesideItToo(@TempDir Path minilm) throws IOException {
        Files.createFile(minilm.resolve("int8.onnx"));

        assertThat(contests(minilm).stream().map(Contest::name))
                .startsWith("train.lora", "train.int8", "train.full")
                .hasSize(7);
    }

    @Test
    void all_sides_getTheSameThreads() throws IOException {
        Stream<Side> sides =
                contests().stream()
                        .flatMap(c -> Stream.concat(c.ours().stream(), c.peers().stream()));

        assertThat(sides)
                .allSatisfy(side -> assertThat(side.command()).containsSequence("--threads", "7"));
    }

    @Test
    void all_loopOverTexts_scoresTheTextsThatOursScores() throws IOException {
        Contest loop = contests().get(5);

        assertThat(loop.peers())
                .allSatisfy(side -> assertThat(side.command()).contains(texts(loop.ours().get(0))));
        assertThat(loop.peers().get(0).command().get(2)).contains("def score(");
    }

    private static String texts(Side side) {
        return side.command().get(side.command().indexOf("--texts") + 1);
    }

    private static List<Contest> contests() throws IOException {
        return contests(Path.of("minilm"));
    }

    private static List<Contest> contests(Path minilm) throws IOException {
        return new SmallModelContests(
                        List.of("java", "measure-slm"),
                        "python",
                        Path.of("peers"),
                        minilm,
                        Path.of("prepared"),
                        7)
                .all();
    }
}
