package io.crosslm.llm.torch;

import io.crosslm.llm.format.FileHash;
import io.crosslm.llm.format.ModelFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * SHA-256 of a model's weights.
 *
 * @param names of the files, in their order
 * @param each file's, in hexadecimal
 */
record WeightHashes(List<String> names, List<String> each) {
    WeightHashes {
        names = List.copyOf(names);
        each = List.copyOf(each);
    }

    static WeightHashes of(ModelFiles model, RememberedHashes remembered) {
        List<String> names = new ArrayList<>();
        List<String> each = new ArrayList<>();
        for (Path file : model.weightFiles()) {
            names.add(String.valueOf(file.getFileName()));
            each.add(remembered.sha256(file));
        }
        return new WeightHashes(names, each);
    }

    /**
     * One hash of all weights: the only file's, or for several that of the list which {@code
     * sha256sum} prints of them, so that {@code sha256sum model-*.safetensors | sha256sum} tells
     * it.
     */
    String together() {
        if (each.size() == 1) {
            return each.get(0);
        }
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < each.size(); i++) {
            list.append(each.get(i)).append("  ").append(names.get(i)).append('\n');
        }
        return FileHash.ofText(list.toString());
    }
}
