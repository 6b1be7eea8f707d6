/**
 * Commands about models: fetching large ones, measuring them, packaging small ones.
 *
 * <p>Start at {@link io.crosslm.tools.model.ModelCommand}.
 */
@NullMarked
package io.crosslm.tools.model;

import org.jspecify.annotations.NullMarked;
