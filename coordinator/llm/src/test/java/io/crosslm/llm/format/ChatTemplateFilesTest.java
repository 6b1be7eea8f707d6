package io.crosslm.llm.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.llm.chat.ChatMessage;
import io.crosslm.llm.chat.GenerationPrompt;
import io.crosslm.testkit.golden.FormulaModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a folder's chat template stands. */
final class ChatTemplateFilesTest {
    private static final String TEMPLATE =
            "{% for m in messages %}[{{ m['content'] }}]{% endfor %}";

    @TempDir private Path folder;

    @BeforeEach
    void model() {
        FormulaModel.copyTo(folder);
    }

    private String rendered() {
        try (ModelFiles files = ModelFiles.open(folder)) {
            return files.chatTemplate()
                    .orElseThrow()
                    .render(
                            List.of(new ChatMessage("user", "hello")),
                            GenerationPrompt.OMIT,
                            "",
                            "");
        }
    }

    @Test
    void chatTemplate_textInTokenizerConfig_isRead() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": \"" + TEMPLATE + "\"}");

        assertThat(rendered()).isEqualTo("[hello]");
    }

    @Test
    void chatTemplate_severalNamed_takesTheDefault() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"no\"},"
                        + " {\"name\": \"default\", \"template\": \""
                        + TEMPLATE
                        + "\"}]}");

        assertThat(rendered()).isEqualTo("[hello]");
    }

    @Test
    void chatTemplate_fileOfItsOwn_isRead() throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);

        assertThat(rendered()).isEqualTo("[hello]");
    }

    @Test
    void chatTemplate_nowhere_isEmpty() {
        try (ModelFiles files = ModelFiles.open(folder)) {
            assertThat(files.chatTemplate()).isEmpty();
        }
    }
}
