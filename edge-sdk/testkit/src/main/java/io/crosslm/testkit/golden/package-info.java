/**
 * Expected numbers, made with PyTorch and Transformers, that the Java code is checked against.
 *
 * <p>Start at {@link io.crosslm.testkit.golden.Goldens}.
 */
@NullMarked
package io.crosslm.testkit.golden;

import org.jspecify.annotations.NullMarked;
