/**
 * The demo: one coordinator and some devices as processes on this machine, and the table of what it
 * brought.
 *
 * <p>Start at {@link io.crosslm.tools.demo.DemoCommand}.
 */
@NullMarked
package io.crosslm.tools.demo;

import org.jspecify.annotations.NullMarked;
