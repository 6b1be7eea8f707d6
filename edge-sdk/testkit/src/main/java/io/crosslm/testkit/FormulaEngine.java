package io.crosslm.testkit;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * An SLM engine in plain Java for fast tests: softmax regression on hashed words. It learns for
 * real, in milliseconds and without native code.
 *
 * <p>Opens every SLM package whose manifest names labels, also those that {@link FormulaPackage}
 * writes; it ignores graphs and weights.
 */
public final class FormulaEngine implements ModelEngine {
    private static final long LARGEST_MANIFEST_BYTES = 1 << 20;
    private static final int MOST_LABELS = 1024;

    @Override
    public String name() {
        return "formula";
    }

    @Override
    public LocalModel open(Path packageDirectory) {
        Path manifest = packageDirectory.resolve("manifest.json");
        byte[] bytes;
        try {
            long size = Files.size(manifest);
            if (size > LARGEST_MANIFEST_BYTES) {
                throw badPackage("manifest.json has " + size + " bytes");
            }
            bytes = Files.readAllBytes(manifest);
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "manifest.json cannot be read", e);
        }
        return new FormulaModel(labels(bytes), sha256(bytes));
    }

    private static List<String> labels(byte[] manifest) {
        List<String> labels = new ArrayList<>();
        try {
            JsonObject root =
                    JsonParser.parseString(new String(manifest, StandardCharsets.UTF_8))
                            .getAsJsonObject();
            if (!root.has("labels")) {
                throw badPackage("manifest.json has no labels");
            }
            for (JsonElement label : root.getAsJsonArray("labels")) {
                labels.add(label.getAsString());
            }
        } catch (JsonParseException
                | IllegalStateException
                | ClassCastException
                | UnsupportedOperationException e) {
            throw new ModelException(
                    ModelException.Code.BAD_PACKAGE, "manifest.json is malformed", e);
        }
        if (labels.size() < 2 || labels.size() > MOST_LABELS) {
            throw badPackage(
                    "manifest.json names " + labels.size() + " labels, 2 to 1024 were expected");
        }
        return labels;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ModelException badPackage(String message) {
        return new ModelException(ModelException.Code.BAD_PACKAGE, message);
    }
}
