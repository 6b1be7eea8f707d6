package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LanguageModelContestsTest {
    @Test
    void all_names_areThoseOfTheDocumentation() {
        assertThat(contests(true).stream().map(Contest::name))
                .containsExactly(
                        "generate.fp32.b1",
                        "generate.fp32.b16",
                        "generate.fp32.b32",
                        "generate.best.b1",
                        "generate.best.b16",
                        "generate.best.b32",
                        "fewshot.b64",
                        "load.gguf",
                        "load.gguf.llamacpp",
                        "dpo.trl",
                        "dpo.fp32",
                        "dpo.best");
    }

    @Test
    void all_processorWithoutBf16_runsOursInFp32Only() {
        Stream<Side> ours = contests(false).stream().flatMap(contest -> contest.ours().stream());

        assertThat(ours).allSatisfy(side -> assertThat(side.command()).endsWith("fp32"));
    }

    @Test
    void all_processorWithBf16_letsTheBestRowsChoose() {
        Contest best =
                contests(true).stream()
                        .filter(contest -> contest.name().equals("dpo.best"))
                        .findAny()
                        .orElseThrow();

        assertThat(best.ours().stream().map(Side::label))
                .containsExactly("CrossLM bf16", "CrossLM fp32");
    }

    @Test
    void all_peers_getOurThreads() {
        Stream<Side> peers = contests(true).stream().flatMap(contest -> contest.peers().stream());

        assertThat(peers)
                .allSatisfy(side -> assertThat(side.command()).startsWith("python").contains("7"));
    }

    private static List<Contest> contests(boolean bf16) {
        return new LanguageModelContests(
                        List.of("java", "measure"),
                        "python",
                        Path.of("peers"),
                        Path.of("models"),
                        Path.of("model.gguf"),
                        bf16,
                        7)
                .all();
    }
}
