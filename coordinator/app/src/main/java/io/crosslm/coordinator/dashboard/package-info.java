/** The operators' pages: fleet, live rounds, quality over rounds, samples with all opinions. */
@NullMarked
package io.crosslm.coordinator.dashboard;

import org.jspecify.annotations.NullMarked;
