/**
 * Files that survive a crash at any moment: the ledger of what leaves the device, and small files
 * that are replaced whole.
 *
 * <p>Start at {@link io.crosslm.edge.store.Ledger}.
 */
@NullMarked
package io.crosslm.edge.store;

import org.jspecify.annotations.NullMarked;
