package io.crosslm.coordinator.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.testkit.FakeOpenAiServer;
import io.crosslm.testkit.FakeOpenAiServer.LogProbs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model behind a server. */
final class RemoteModelTest extends RoundModelContract {
    private static final String KEY = "sk-do-not-tell";

    private final FakeOpenAiServer server = FakeOpenAiServer.start();

    @TempDir private Path folder;
    private LanguageModelLoader.@Nullable Opened opened;

    @AfterEach
    void close() {
        if (opened != null) {
            opened.end().run();
        }
        server.close();
    }

    @Override
    RoundModel model() {
        if (opened == null) {
            opened = open(config());
        }
        return opened.model();
    }

    private Settings config() {
        return new Settings(
                Optional.of(server.url()), Optional.empty(), Optional.empty(), Optional.empty(), 2);
    }

    private static LanguageModelLoader.Opened open(CoordinatorConfig.Remote config) {
        return RemoteModel.of(config).orElseThrow().open();
    }

    @Test
    void of_noAddress_isNoServer() {
        assertThat(RemoteModel.of(Settings.NONE)).isEmpty();
    }

    @Test
    void of_modelWithoutAnAddress_isRefused() {
        Settings model =
                new Settings(
                        Optional.empty(), Optional.of("x"), Optional.empty(), Optional.empty(), 8);

        assertThatThrownBy(() -> RemoteModel.of(model))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageStartingWith("COORD-4201: crosslm.llm.remote.url: expected");
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://host, 8, crosslm.llm.remote.url: ",
        "http://user:secret@host, 8, crosslm.llm.remote.url: ",
        "http://host, 0, crosslm.llm.remote.concurrency: ",
    })
    void of_settingThatCannotBeUsed_isNamed(String url, int concurrency, String key) {
        Settings bad =
                new Settings(
                        Optional.of(url),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        concurrency);

        assertThatThrownBy(() -> RemoteModel.of(bad))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageStartingWith("COORD-4201: " + key)
                .hasMessageNotContaining("secret");
    }

    @Test
    void of_twoKeys_isRefusedWithoutTellingThem() throws IOException {
        Path file = Files.writeString(folder.resolve("key"), KEY + "\n");
        Settings both =
                new Settings(
                        Optional.of(server.url()),
                        Optional.empty(),
                        Optional.of(KEY),
                        Optional.of(file),
                        8);

        assertThatThrownBy(() -> RemoteModel.of(both))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("both are set")
                .hasMessageNotContaining(KEY);
    }

    @Test
    void of_keyFileThatIsNotThere_isNamed() {
        Settings missing =
                new Settings(
                        Optional.of(server.url()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(folder.resolve("nothing")),
                        8);

        assertThatThrownBy(() -> RemoteModel.of(missing))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("crosslm.llm.remote.api-key-file: ")
                .hasMessageContaining("nothing");
    }

    @Test
    void open_keyInAFile_isSent() throws IOException {
        Path file = Files.writeString(folder.resolve("key"), KEY + "\n");
        server.require(KEY);
        opened =
                open(
                        new Settings(
                                Optional.of(server.url()),
                                Optional.of("ten-words"),
                                Optional.empty(),
                                Optional.of(file),
                                8));

        assertThat(opened.model().description().name()).isEqualTo("ten-words");
        assertThat(server.authorizations()).containsOnly("Bearer " + KEY);
    }

    @Test
    void open_wrongKey_isRefusedWithoutTellingIt() {
        server.require("another");
        Settings wrong =
                new Settings(
                        Optional.of(server.url()),
                        Optional.empty(),
                        Optional.of(KEY),
                        Optional.empty(),
                        8);

        assertThatThrownBy(() -> open(wrong))
                .isInstanceOfSatisfying(
                        LanguageModelException.class,
                        e ->
                                assertThat(e.code())
                                        .isEqualTo(LanguageModelException.Code.REMOTE_REFUSED))
                .hasMessageNotContaining(KEY);
    }

    @Test
    void model_isNotTunableAndSaysWhy() {
        assertThat(model().tunable().reason())
                .isEqualTo(
                        "ten-words is behind a server, which takes no adapters and keeps its"
                                + " weights");
    }

    @Test
    void model_ofAServerWithLogProbabilities_votes() {
        assertThat(model().scorer().get()).isPresent();
    }

    @Test
    void model_ofAServerWithoutLogProbabilities_saysWhyItDoesNotVote() {
        server.tells(LogProbs.NONE);

        assertThat(model().scorer().get()).isEmpty();
        assertThat(model().scorer().reason()).contains("ten-words", "no log-probabilities");
    }

    @Test
    void loader_opensOnceAndAgainAfterAFailure() {
        int[] calls = {0};
        try (LanguageModelLoader loader =
                new LanguageModelLoader(
                        () -> {
                            if (++calls[0] == 1) {
                                throw new LanguageModelException(
                                        LanguageModelException.Code.REMOTE_AWAY, "not yet");
                            }
                            return open(config());
                        })) {
            assertThatThrownBy(loader::languageModel).isInstanceOf(LanguageModelException.class);

            assertThat(loader.languageModel()).isSameAs(loader.languageModel());
        }
        assertThat(calls[0]).isEqualTo(2);
    }

    /** Settings as a file would give them. */
    private record Settings(
            Optional<String> url,
            Optional<String> model,
            Optional<String> apiKey,
            Optional<Path> apiKeyFile,
            int concurrency)
            implements CoordinatorConfig.Remote {
        static final Settings NONE =
                new Settings(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 8);
    }
}
