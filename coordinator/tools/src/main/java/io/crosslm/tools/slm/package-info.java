/**
 * Commands about packages of small models: building one, looking into one.
 *
 * <p>Start at {@link io.crosslm.tools.slm.SlmCommand}.
 */
@NullMarked
package io.crosslm.tools.slm;

import org.jspecify.annotations.NullMarked;
