package io.crosslm.llm.source;

import java.util.List;

/**
 * One pinned model file: whatever source it comes from, its bytes are the same.
 *
 * @param name by which people ask for it
 * @param description one line for people
 * @param fileName under which the cache keeps it
 * @param sizeBytes exact size
 * @param sha256 lower-case hexadecimal
 * @param licence SPDX identifier
 * @param sources in the order in which they are tried
 */
public record CatalogueModel(
        String name,
        String description,
        String fileName,
        long sizeBytes,
        String sha256,
        String licence,
        List<ModelSource> sources) {
    public CatalogueModel {
        sources = List.copyOf(sources);
    }
}
