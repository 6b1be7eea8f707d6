package io.crosslm.llm.format;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * LoRA adapters in the layout of Hugging Face's PEFT: {@value #CONFIG} and {@value #TENSORS}, in a
 * folder or in a zip file. What is written here loads with {@code PeftModel.from_pretrained} and in
 * vLLM.
 */
public final class PeftAdapter {
    /** File that names rank, alpha and layers. */
    public static final String CONFIG = "adapter_config.json";

    /** File of the matrices, A [rank, in] and B [out, rank]. */
    public static final String TENSORS = "adapter_model.safetensors";

    private static final String PREFIX = "base_model.model.";
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final int MAXIMUM_RANK = 1024;
    private static final int MAXIMUM_FILE_BYTES = 1 << 30;
    // Matrices of floats hardly shrink, so what inflates to much more is no adapter.
    private static final long MOST_INFLATION = 20;
    private static final int SMALL_FILE_BYTES = 1 << 16;
    // PEFT's kinds of LoRA that compute something else.
    private static final List<String> OTHER_KINDS =
            List.of("use_dora", "use_rslora", "use_qalora", "fan_in_fan_out", "lora_bias");

    private PeftAdapter() {}

    /**
     * Writes an adapter's two files into a folder, which is made if it is not there.
     *
     * @param baseModel name of the model that it belongs to
     * @throws IOException if that does not work
     */
    public static void write(Adapter adapter, String baseModel, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(CONFIG), config(adapter, baseModel));
        Files.write(folder.resolve(TENSORS), tensors(adapter));
    }

    /**
     * An adapter's two files as a zip file's bytes; equal adapters give equal bytes.
     *
     * @param baseModel name of the model that it belongs to
     */
    public static byte[] toZip(Adapter adapter, String baseModel) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            add(zip, CONFIG, config(adapter, baseModel));
            add(zip, TENSORS, tensors(adapter));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /**
     * Reads an adapter from a folder or a zip file.
     *
     * @throws LanguageModelException MALFORMED_FILE, or UNSUPPORTED_MODEL for a kind of adapter
     *     that is not plain LoRA
     */
    public static Adapter read(Path folderOrZip) {
        try {
            if (!Files.isDirectory(folderOrZip)) {
                return ofZip(folderOrZip, bounded(folderOrZip));
            }
            return decode(
                    folderOrZip,
                    bounded(folderOrZip.resolve(CONFIG)),
                    bounded(folderOrZip.resolve(TENSORS)));
        } catch (IOException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    folderOrZip
                            + " cannot be read: expected a folder or zip file with "
                            + CONFIG
                            + " and "
                            + TENSORS,
                    e);
        }
    }

    private static byte[] bounded(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAXIMUM_FILE_BYTES) {
            throw malformed(file, "has " + size + " bytes; at most " + MAXIMUM_FILE_BYTES);
        }
        return Files.readAllBytes(file);
    }

    /**
     * The adapter of a zip file's bytes.
     *
     * @param name of the file, for messages
     * @throws LanguageModelException as {@link #read}
     */
    public static Adapter ofZip(Path name, byte[] bytes) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        int most =
                (int)
                        Math.min(
                                MAXIMUM_FILE_BYTES,
                                Math.max(SMALL_FILE_BYTES, MOST_INFLATION * bytes.length));
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().equals(CONFIG) || entry.getName().equals(TENSORS)) {
                    byte[] content = zip.readNBytes(most);
                    if (zip.read() >= 0) {
                        throw malformed(
                                name,
                                entry.getName()
                                        + " inflates to more than "
                                        + most
                                        + " bytes, out of a file of "
                                        + bytes.length);
                    }
                    if (files.put(entry.getName(), content) != null) {
                        throw malformed(name, "has " + entry.getName() + " twice");
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, name + " is not a whole zip file: " + e.getMessage(), e);
        }
        byte[] config = files.get(CONFIG);
        byte[] tensors = files.get(TENSORS);
        if (config == null || tensors == null) {
            throw malformed(name, "does not hold " + CONFIG + " and " + TENSORS);
        }
        return decode(name, config, tensors);
    }

    private static Adapter decode(Path name, byte[] config, byte[] tensors) {
        Path configName = name.resolve(CONFIG);
        JsonObject json = JsonFile.parse(configName, new String(config, StandardCharsets.UTF_8));
        int rank = (int) JsonFile.number(configName, "r", json.get("r"));
        double alpha = JsonFile.number(configName, "lora_alpha", json.get("lora_alpha"));
        if (rank < 1 || rank > MAXIMUM_RANK) {
            throw malformed(configName, "r is " + rank + "; 1 to " + MAXIMUM_RANK + " expected");
        }
        checkKind(configName, json);
        try (Safetensors file = Safetensors.of(name.resolve(TENSORS), tensors)) {
            return Adapter.of(rank, alpha, matrices(name.resolve(TENSORS), file, rank));
        }
    }

    private static void checkKind(Path name, JsonObject json) {
        JsonElement type = JsonFile.optional(json, "peft_type");
        if (type != null && !JsonFile.text(name, "peft_type", type).equals("LORA")) {
            throw new LanguageModelException(
                    Code.UNSUPPORTED_MODEL,
                    name + ": peft_type is " + type + "; only LORA can be read");
        }
        for (String kind : OTHER_KINDS) {
            JsonElement value = JsonFile.optional(json, kind);
            if (value != null && value.isJsonPrimitive() && value.getAsBoolean()) {
                throw new LanguageModelException(
                        Code.UNSUPPORTED_MODEL,
                        name + ": " + kind + " is set; only plain LoRA can be read");
            }
        }
        for (String pattern : List.of("rank_pattern", "alpha_pattern")) {
            JsonElement value = JsonFile.optional(json, pattern);
            if (value != null && value.isJsonObject() && !value.getAsJsonObject().isEmpty()) {
                throw new LanguageModelException(
                        Code.UNSUPPORTED_MODEL,
                        name + ": " + pattern + " is set; one rank and alpha can be read");
            }
        }
    }

    private static Map<String, Adapter.Matrices> matrices(Path name, Safetensors file, int rank) {
        Map<String, Adapter.Matrices> matrices = new LinkedHashMap<>();
        for (String key : file.names()) {
            if (!key.startsWith(PREFIX) || !(key.endsWith(A) || key.endsWith(B))) {
                throw malformed(name, "the tensor " + key + " is not one of LoRA's");
            }
            if (key.endsWith(B)) {
                continue;
            }
            String layer = key.substring(PREFIX.length(), key.length() - A.length());
            String other = PREFIX + layer + B;
            List<Long> a = file.shape(key);
            List<Long> b = file.names().contains(other) ? file.shape(other) : List.of();
            boolean fits = a.size() == 2 && b.size() == 2 && a.get(0) == rank && b.get(1) == rank;
            if (!fits) {
                throw malformed(
                        name,
                        layer
                                + ": expected A [rank, in] and B [out, rank] of rank "
                                + rank
                                + " but they are "
                                + a
                                + " and "
                                + b);
            }
            matrices.put(
                    layer,
                    new Adapter.Matrices(
                            Math.toIntExact(a.get(1)),
                            Math.toIntExact(b.get(0)),
                            file.read(key),
                            file.read(other)));
        }
        if (2 * matrices.size() != file.names().size()) {
            throw malformed(name, "a B stands without its A");
        }
        if (matrices.isEmpty()) {
            throw malformed(
                    name,
                    "has no tensors, so that it would change nothing; expected A and B of at least"
                            + " one layer");
        }
        return matrices;
    }

    private static byte[] config(Adapter adapter, String baseModel) {
        JsonObject json = new JsonObject();
        json.addProperty("peft_type", "LORA");
        json.addProperty("task_type", "CAUSAL_LM");
        json.addProperty("base_model_name_or_path", baseModel);
        json.addProperty("r", adapter.rank());
        json.addProperty("lora_alpha", adapter.alpha());
        json.addProperty("lora_dropout", 0.0);
        json.addProperty("bias", "none");
        json.addProperty("fan_in_fan_out", false);
        json.addProperty("inference_mode", true);
        JsonArray targets = new JsonArray();
        TreeSet<String> names = new TreeSet<>();
        adapter.layers().forEach(layer -> names.add(layer.substring(layer.lastIndexOf('.') + 1)));
        names.forEach(targets::add);
        json.add("target_modules", targets);
        return (new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] tensors(Adapter adapter) {
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        for (String layer : adapter.layers()) {
            Adapter.Matrices m = adapter.matrices(layer);
            tensors.put(
                    PREFIX + layer + A, new Safetensors.FloatTensor(adapter.rank(), m.in(), m.a()));
            tensors.put(
                    PREFIX + layer + B,
                    new Safetensors.FloatTensor(m.out(), adapter.rank(), m.b()));
        }
        return Safetensors.write(tensors);
    }

    private static LanguageModelException malformed(Path name, String what) {
        return new LanguageModelException(Code.MALFORMED_FILE, name + ": " + what);
    }
}
