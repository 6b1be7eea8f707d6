/**
 * What the app lends to the library; it never leaves the device.
 *
 * <p>Start at {@link io.crosslm.edge.data.ExampleSource}.
 */
@NullMarked
package io.crosslm.edge.data;

import org.jspecify.annotations.NullMarked;
