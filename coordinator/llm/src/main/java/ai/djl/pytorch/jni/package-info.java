/**
 * A bridge to natives that DJL keeps to its own package.
 *
 * <p>Start at {@link ai.djl.pytorch.jni.ScriptCall}.
 */
package ai.djl.pytorch.jni;
