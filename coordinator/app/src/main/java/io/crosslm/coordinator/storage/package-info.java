/**
 * Tasks and rounds in a SQL database, by plain JDBC.
 *
 * <p>Start at {@link io.crosslm.coordinator.storage.JdbcRoundStore}.
 */
@NullMarked
package io.crosslm.coordinator.storage;

import org.jspecify.annotations.NullMarked;
