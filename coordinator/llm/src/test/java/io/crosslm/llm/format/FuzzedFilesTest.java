package io.crosslm.llm.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.chat.ChatMessage;
import io.crosslm.llm.chat.ChatTemplate;
import io.crosslm.llm.chat.GenerationPrompt;
import io.crosslm.testkit.golden.Goldens;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.TokenizerJson;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Readers against a fuzzer: anything is read or refused by the reader's own exception. A build runs
 * the seeds; {@code JAZZER_FUZZ=1} with {@code -Dtest=FuzzedFilesTest#NAME} searches for more.
 * {@link MutatedFilesTest} bounds what damaged files allocate.
 */
final class FuzzedFilesTest {
    private static final String GOLDEN = "formula-llama/";
    private static final String TIME = "60s";

    @TempDir private static Path folder;

    private interface Reading {
        void read() throws IOException;
    }

    private static Stream<byte[]> golden(String name) throws IOException {
        Path copied = Goldens.copy(folder.resolve("golden"), GOLDEN + name);
        return Stream.of(
                Files.readAllBytes(copied.resolve(Path.of(name).getFileName().toString())));
    }

    private static Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static void refusedOrRead(Reading reading) throws IOException {
        try {
            reading.read();
        } catch (LanguageModelException | TokenizerException expected) {
            // What the contract says of a file that is not right.
        }
    }

    static Stream<byte[]> ggufFiles() throws IOException {
        return Stream.concat(golden("quants.gguf"), golden("llama-f32.gguf"));
    }

    @MethodSource("ggufFiles")
    @FuzzTest(maxDuration = TIME)
    void gguf(byte[] bytes) throws IOException {
        Path file = file("fuzzed.gguf", bytes);
        refusedOrRead(
                () -> {
                    try (GgufFile opened = GgufFile.open(file)) {
                        opened.names().forEach(opened::read);
                    }
                });
        refusedOrRead(
                () -> {
                    try (ModelFiles files = ModelFiles.open(file)) {
                        files.tokenizer()
                                .ifPresent(t -> t.encode("a b", Tokenizer.ControlTokens.READ));
                    }
                });
    }

    static Stream<byte[]> safetensorsFiles() throws IOException {
        return golden("model/model.safetensors");
    }

    @MethodSource("safetensorsFiles")
    @FuzzTest(maxDuration = TIME)
    void safetensors(byte[] bytes) throws IOException {
        Path file = file("fuzzed.safetensors", bytes);
        refusedOrRead(
                () -> {
                    try (Safetensors opened = Safetensors.open(file)) {
                        opened.names().forEach(opened::read);
                    }
                });
    }

    static Stream<byte[]> configurations() throws IOException {
        return golden("model/config.json");
    }

    @MethodSource("configurations")
    @FuzzTest(maxDuration = TIME)
    void config(byte[] bytes) throws IOException {
        Path file = file("config.json", bytes);
        refusedOrRead(() -> ConfigJson.read(file));
    }

    static Stream<byte[]> adapters() throws IOException {
        Path adapter =
                Goldens.copy(
                        folder.resolve("adapter"),
                        GOLDEN + "adapter/adapter_config.json",
                        GOLDEN + "adapter/adapter_model.safetensors");
        return Stream.of(PeftAdapter.toZip(PeftAdapter.read(adapter), "base"));
    }

    @MethodSource("adapters")
    @FuzzTest(maxDuration = TIME)
    void adapterZip(byte[] bytes) throws IOException {
        Path file = file("fuzzed.zip", bytes);
        refusedOrRead(() -> PeftAdapter.read(file));
    }

    static Stream<String> templates() {
        return Stream.of(
                "{% for m in messages %}{{ m['role'] + ': ' + m.content|trim }}{% endfor %}",
                "{%- if messages[0].role != 'system' and not x is defined -%}a{%- endif %}",
                "{% set n = namespace(i=0) %}{% for m in messages[::-1] %}{% set n.i = n.i + 1 %}"
                        + "{{ loop.index0 ~ n.i }}{% else %}{{ raise_exception('none') }}{% endfor %}");
    }

    @MethodSource("templates")
    @FuzzTest(maxDuration = TIME)
    void chatTemplate(@NotNull String template) throws IOException {
        List<ChatMessage> messages = List.of(new ChatMessage("user", "Hi"));
        refusedOrRead(
                () ->
                        ChatTemplate.parse(template)
                                .render(messages, GenerationPrompt.ADD, "<s>", "</s>"));
    }

    static Stream<String> tokenizers() {
        return Stream.of(
                "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2},"
                        + " \"merges\": [\"a b\"]}, \"pre_tokenizer\": {\"type\": \"ByteLevel\"}}",
                "{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0],"
                        + " [\"a\", -1.5], [\"ab\", -2]]}, \"normalizer\": {\"type\": \"NFKC\"}}",
                "{\"model\": {\"type\": \"WordPiece\", \"unk_token\": \"[UNK]\", \"vocab\":"
                        + " {\"[UNK]\": 0, \"a\": 1, \"##b\": 2}}, \"added_tokens\": []}");
    }

    @MethodSource("tokenizers")
    @FuzzTest(maxDuration = TIME)
    void tokenizerJson(@NotNull String json) throws IOException {
        refusedOrRead(
                () -> {
                    Tokenizer tokenizer = TokenizerJson.read(new StringReader(json));
                    tokenizer.decode(
                            tokenizer.encode("ab \u00e9\ud83d", Tokenizer.ControlTokens.AS_TEXT));
                });
        refusedOrRead(
                () ->
                        TokenizerJson.readEncoder(new StringReader(json))
                                .encode("ab a", Tokenizer.ControlTokens.READ));
    }
}
