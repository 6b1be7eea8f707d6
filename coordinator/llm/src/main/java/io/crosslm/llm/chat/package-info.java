/**
 * Chat templates: the prompt text of a conversation, as a model was trained to read it.
 *
 * <p>Start at {@link io.crosslm.llm.chat.ChatTemplate}; {@code ModelFiles.chatTemplate()} finds a
 * model's own:
 *
 * <pre>{@code
 * String prompt = template.render(
 *         List.of(new ChatMessage("user", "Name a colour.")), GenerationPrompt.ADD, "<s>", "</s>");
 * }</pre>
 *
 * <p>An own subset of Jinja, since a template comes with a foreign model and must not reach Java
 * objects, and since Transformers' settings of whitespace and its {@code tojson} must hold to the
 * letter.
 */
@NullMarked
package io.crosslm.llm.chat;

import org.jspecify.annotations.NullMarked;
