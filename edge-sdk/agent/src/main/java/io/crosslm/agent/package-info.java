/**
 * The edge agent for Linux boxes: one config file, private examples from JSONL or CSV files, and
 * the device library run as a service.
 *
 * <p>Start at {@link io.crosslm.agent.ExampleFile} to read labelled files.
 */
@NullMarked
package io.crosslm.agent;

import org.jspecify.annotations.NullMarked;
