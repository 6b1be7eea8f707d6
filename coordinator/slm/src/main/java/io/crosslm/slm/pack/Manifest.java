package io.crosslm.slm.pack;

import com.google.gson.GsonBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes manifest.json: what a package is, and every other file with its size and hash. */
final class Manifest {
    private static final String FORMAT = "crosslm-slm";

    private Manifest() {}

    /**
     * The manifest's bytes.
     *
     * @param members that are the engine's own, in order
     * @param files of the package but the manifest
     */
    static byte[] json(Map<String, Object> members, Map<String, ZipContent> files) {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("format", FORMAT);
        manifest.put("version", SlmPackageBuilder.FORMAT_VERSION);
        manifest.putAll(members);
        List<Map<String, Object>> listed = new ArrayList<>();
        files.forEach(
                (name, content) -> {
                    Map<String, Object> entry = new LinkedHashMap<>();
                    entry.put("name", name);
                    entry.put("size", content.size());
                    entry.put("sha256", content.sha256());
                    listed.add(entry);
                });
        manifest.put("files", listed);
        return new GsonBuilder()
                .disableHtmlEscaping()
                .setPrettyPrinting()
                .create()
                .toJson(manifest)
                .getBytes(StandardCharsets.UTF_8);
    }
}
