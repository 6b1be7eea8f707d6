/**
 * What bounds how much a report or a model tells about one private example: noise, sampling,
 * randomised response, and the count of what was spent.
 *
 * <p>Start at {@link io.crosslm.edge.privacy.PrivacyBudget}.
 */
@NullMarked
package io.crosslm.edge.privacy;

import org.jspecify.annotations.NullMarked;
