package io.crosslm.llm.chat;

/**
 * One message of a conversation.
 *
 * @param role who speaks: usually system, user or assistant
 * @param content the text
 */
public record ChatMessage(String role, String content) {
    /** Tells the role and the length only: the text is private. */
    @Override
    public String toString() {
        return "ChatMessage[role=" + role + ", " + content.length() + " characters]";
    }
}
