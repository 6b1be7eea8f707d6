/**
 * Builds an Android package without an Android SDK: resources, bytecode, zip, signature, and a
 * check of the result.
 *
 * <p>Start at {@link io.crosslm.apk.Packager}.
 */
@NullMarked
package io.crosslm.apk;

import org.jspecify.annotations.NullMarked;
