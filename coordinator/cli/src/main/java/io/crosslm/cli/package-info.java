/**
 * The operator's command line: tasks, rounds and devices of a coordinator over its REST API.
 *
 * <p>Start at {@link io.crosslm.cli.CliCommand}.
 */
@NullMarked
package io.crosslm.cli;

import org.jspecify.annotations.NullMarked;
