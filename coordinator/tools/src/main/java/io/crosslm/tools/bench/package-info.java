/**
 * {@code crosslm bench}: how fast this machine is at what devices and coordinators do.
 *
 * <p>Start at {@link io.crosslm.tools.bench.BenchCommand}.
 */
@NullMarked
package io.crosslm.tools.bench;

import org.jspecify.annotations.NullMarked;
