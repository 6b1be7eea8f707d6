/**
 * An Android app that takes part in the rounds of one task with notes that stay on the phone.
 *
 * <p>Start at {@link io.crosslm.sample.SampleApp}.
 */
@NullMarked
package io.crosslm.sample;

import org.jspecify.annotations.NullMarked;
