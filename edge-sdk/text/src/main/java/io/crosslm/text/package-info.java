/**
 * Tokenizers in plain Java that run on a JVM and on Android alike.
 *
 * <p>Start at {@link io.crosslm.text.Tokenizer}.
 */
@NullMarked
package io.crosslm.text;

import org.jspecify.annotations.NullMarked;
