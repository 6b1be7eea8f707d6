/**
 * SLM packages: what a device needs to score and train.
 *
 * <p>Start at {@link io.crosslm.slm.pack.SlmPackageBuilder}.
 */
@NullMarked
package io.crosslm.slm.pack;

import org.jspecify.annotations.NullMarked;
