/**
 * Commands that run without a coordinator, or that start one: the demo, models, SLM packages,
 * evaluation.
 *
 * <p>Start at {@link io.crosslm.tools.ToolsCommand}.
 */
@NullMarked
package io.crosslm.tools;

import org.jspecify.annotations.NullMarked;
