/**
 * Immutable files named by their SHA-256, kept in a folder and served over HTTP.
 *
 * <p>Start at {@link io.crosslm.coordinator.artifact.ArtifactStore}.
 */
@NullMarked
package io.crosslm.coordinator.artifact;

import org.jspecify.annotations.NullMarked;
