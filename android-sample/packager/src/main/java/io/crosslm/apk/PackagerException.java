package io.crosslm.apk;

/** The package cannot be built as asked; the message says what was expected and what to do. */
final class PackagerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PackagerException(String message) {
        super(message);
    }

    PackagerException(String message, Throwable cause) {
        super(message, cause);
    }
}
