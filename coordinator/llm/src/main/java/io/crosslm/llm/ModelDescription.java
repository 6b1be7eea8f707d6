package io.crosslm.llm;

/**
 * What a loaded model is.
 *
 * @param name catalogue name or folder name
 * @param sha256 hexadecimal SHA-256 of the weights file, or of the first shard
 * @param parameterCount number of weights
 * @param dataType "fp32" or "bf16"
 * @param device "cpu" or "cuda:N"
 */
public record ModelDescription(
        String name, String sha256, long parameterCount, String dataType, String device) {}
