package io.crosslm.llm.chat;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.chat.Node.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a conversation as the prompt that a model was trained on. Immutable.
 *
 * <p>Templates are Jinja as Transformers renders it (trim_blocks and lstrip_blocks on, tojson
 * without HTML escapes). Supported: if, for, set, namespace(), raise_exception(), the usual
 * operators, tests, filters and text methods. Not: macros, imports, break, strftime_now.
 */
public final class ChatTemplate {
    static final int MAXIMUM_LENGTH = 1 << 18;
    static final int MAXIMUM_NESTING = 60;
    static final int MAXIMUM_LINKS = 1000;
    static final int MAXIMUM_OUTPUT = 1 << 24;
    static final int MAXIMUM_STEPS = 1_000_000;

    private final List<Statement> body;

    private ChatTemplate(List<Statement> body) {
        this.body = body;
    }

    /**
     * Parses a template.
     *
     * @throws LanguageModelException MALFORMED_FILE if its syntax is wrong, UNSUPPORTED_MODEL if it
     *     uses what is not supported
     */
    public static ChatTemplate parse(String template) {
        if (template.length() > MAXIMUM_LENGTH) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    "chat template has "
                            + template.length()
                            + " characters; at most "
                            + MAXIMUM_LENGTH
                            + " are read");
        }
        return new ChatTemplate(new TemplateParser(Lexer.read(template)).template());
    }

    /**
     * Writes the prompt. Variables: messages, add_generation_prompt, bos_token, eos_token; others,
     * tools too, are undefined.
     *
     * @throws LanguageModelException BAD_INPUT if the template refuses the conversation or grows
     *     beyond the limits, UNSUPPORTED_MODEL if it does what is not supported
     */
    public String render(
            List<ChatMessage> messages,
            GenerationPrompt generationPrompt,
            String bosToken,
            String eosToken) {
        List<Object> list = new ArrayList<>();
        for (ChatMessage message : messages) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("role", message.role());
            map.put("content", message.content());
            list.add(map);
        }
        Scope scope = new Scope();
        scope.set("messages", list);
        scope.set("add_generation_prompt", generationPrompt == GenerationPrompt.ADD);
        scope.set("bos_token", bosToken);
        scope.set("eos_token", eosToken);
        Node.runAll(body, scope);
        return scope.output().toString();
    }
}
