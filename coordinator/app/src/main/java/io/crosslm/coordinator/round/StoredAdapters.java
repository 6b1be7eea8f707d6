package io.crosslm.coordinator.round;

import com.google.gson.JsonParser;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.round.RoundDocuments.BaseModel;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.format.PeftAdapter;
import io.crosslm.protocol.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Adapters kept as artifacts: zip files in PEFT's layout, so that what a round made loads in Python
 * as it is. Equal adapters have one hash. Thread-safe.
 */
final class StoredAdapters {
    private static final int MOST_CONFIG_BYTES = 1 << 20;

    private final RoundArtifacts artifacts;

    StoredAdapters(RoundArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * Keeps an adapter.
     *
     * @param model that it belongs to
     * @return its hexadecimal hash; empty for none
     */
    String put(Adapter adapter, String model) {
        if (adapter.isNone()) {
            return "";
        }
        return artifacts.put(PeftAdapter.toZip(adapter, model)).hex();
    }

    /**
     * The adapter of that hash, for a model.
     *
     * @param hash of an adapter of the round's task; empty for none
     * @throws CoordinatorException OTHER_LANGUAGE_MODEL if it was tuned on other weights
     */
    Adapter read(RoundContext context, String hash, ModelDescription model) {
        if (hash.isEmpty()) {
            return Adapter.none();
        }
        byte[] zip = artifacts.read(Sha256.ofHex(hash));
        requireBase(context, hash, zip, BaseModel.of(model));
        try {
            return PeftAdapter.ofZip(Path.of("adapter " + hash), zip);
        } catch (LanguageModelException e) {
            throw unreadable(hash, e);
        }
    }

    private static void requireBase(
            RoundContext context, String hash, byte[] zip, BaseModel present) {
        BaseModel base = context.baseOf(hash).orElseGet(() -> namedBase(hash, zip));
        if (!base.hasWeightsOf(present)) {
            throw new CoordinatorException(
                    Code.OTHER_LANGUAGE_MODEL,
                    "the adapter that the rounds of task "
                            + context.task().name()
                            + " have tuned is of the language model "
                            + base
                            + ", but the coordinator has "
                            + present
                            + ", on which it would do harm; set crosslm.llm.model back to "
                            + base.name()
                            + " and restart, or begin anew with this model in a task of another"
                            + " name (crosslm task add)");
        }
    }

    /** Where no document tells, as in rounds of before it was noted, the adapter itself does. */
    private static BaseModel namedBase(String hash, byte[] zip) {
        try (ZipInputStream files = new ZipInputStream(new ByteArrayInputStream(zip))) {
            ZipEntry file = files.getNextEntry();
            while (file != null && !file.getName().equals(PeftAdapter.CONFIG)) {
                file = files.getNextEntry();
            }
            byte[] json = files.readNBytes(MOST_CONFIG_BYTES);
            return new BaseModel(
                    JsonParser.parseString(new String(json, StandardCharsets.UTF_8))
                            .getAsJsonObject()
                            .get("base_model_name_or_path")
                            .getAsString(),
                    "");
        } catch (IOException | RuntimeException e) {
            throw unreadable(hash, e);
        }
    }

    private static CoordinatorException unreadable(String hash, Exception cause) {
        return new CoordinatorException(
                Code.DAMAGED_DATABASE, "the stored adapter " + hash + " cannot be read", cause);
    }
}
