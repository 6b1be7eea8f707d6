package io.crosslm.llm;

/**
 * What a model is; of one behind a server only the name is known.
 *
 * @param name catalogue name or folder name
 * @param sha256 hexadecimal SHA-256 of the weights file; of several files, that of the list which
 *     {@code sha256sum} prints of them in the order of their names; empty if unknown
 * @param parameterCount number of weights; 0 if unknown
 * @param dataType "fp32" or "bf16"; "unknown" if unknown
 * @param device "cpu", "cuda:N" or "remote"
 */
public record ModelDescription(
        String name, String sha256, long parameterCount, String dataType, String device) {}
