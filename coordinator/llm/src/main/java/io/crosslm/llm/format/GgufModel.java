package io.crosslm.llm.format;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.text.Tokenizer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model in a GGUF file, seen as Hugging Face lays it out: its tensor names and its row order of q
 * and k.
 *
 * <p>With the architecture llama, which is Mistral's too, llama.cpp rotates neighbouring values of
 * a head, Hugging Face the two halves, so per head of D rows the file's row 2i is row i here and 2i
 * + 1 is row i + D / 2. Qwen's rows are in Hugging Face's order.
 */
final class GgufModel implements TensorFile {
    private final GgufFile file;
    private final ModelConfiguration configuration;
    private final boolean halved;
    private final Map<String, String> fileNames;

    GgufModel(GgufFile file) {
        this.file = file;
        configuration = GgufConfiguration.read(file);
        halved = file.text("general.architecture").equals("llama");
        fileNames = fileNames(file, configuration);
    }

    ModelConfiguration configuration() {
        return configuration;
    }

    private static Map<String, String> fileNames(GgufFile file, ModelConfiguration model) {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("model.embed_tokens.weight", "token_embd.weight");
        names.put("model.norm.weight", "output_norm.weight");
        if (!model.tiedEmbeddings()) {
            names.put("lm_head.weight", "output.weight");
        }
        Map<String, String> parts = new HashMap<>();
        parts.put("input_layernorm.weight", "attn_norm.weight");
        parts.put("self_attn.q_proj.weight", "attn_q.weight");
        parts.put("self_attn.k_proj.weight", "attn_k.weight");
        parts.put("self_attn.v_proj.weight", "attn_v.weight");
        parts.put("self_attn.q_proj.bias", "attn_q.bias");
        parts.put("self_attn.k_proj.bias", "attn_k.bias");
        parts.put("self_attn.v_proj.bias", "attn_v.bias");
        parts.put("self_attn.q_norm.weight", "attn_q_norm.weight");
        parts.put("self_attn.k_norm.weight", "attn_k_norm.weight");
        parts.put("self_attn.o_proj.weight", "attn_output.weight");
        parts.put("post_attention_layernorm.weight", "ffn_norm.weight");
        parts.put("mlp.gate_proj.weight", "ffn_gate.weight");
        parts.put("mlp.up_proj.weight", "ffn_up.weight");
        parts.put("mlp.down_proj.weight", "ffn_down.weight");
        for (int layer = 0; layer < model.layerCount(); layer++) {
            int number = layer;
            parts.forEach(
                    (ours, theirs) ->
                            names.put(
                                    "model.layers." + number + "." + ours,
                                    "blk." + number + "." + theirs));
        }
        names.values().removeIf(name -> !file.names().contains(name));
        return names;
    }

    /** The text of the chat template in the file. */
    Optional<String> chatTemplate() {
        return file.chatTemplate();
    }

    /** The tokenizer in the file. */
    Optional<Tokenizer> tokenizer() {
        return GgufTokenizer.read(file);
    }

    @Override
    public Set<String> names() {
        return fileNames.keySet();
    }

    @Override
    public List<Long> shape(String name) {
        return file.shape(fileName(name));
    }

    @Override
    public void readRows(String name, long firstRow, int rowCount, FloatBuffer target) {
        if (!halved || !name.endsWith(".q_proj.weight") && !name.endsWith(".k_proj.weight")) {
            file.readRows(fileName(name), firstRow, rowCount, target);
            return;
        }
        readHalvedRows(fileName(name), firstRow, rowCount, target);
    }

    /** Reads all heads that the rows are in at once and gives their rows in our order. */
    private void readHalvedRows(String inFile, long firstRow, int count, FloatBuffer target) {
        int headSize = configuration.headSize();
        long rowsInAll = file.shape(inFile).get(0);
        if (rowsInAll % headSize != 0) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE,
                    file.path()
                            + ": tensor "
                            + inFile
                            + " has "
                            + rowsInAll
                            + " rows, which are not whole heads of "
                            + headSize);
        }
        int rowLength = Math.toIntExact(file.shape(inFile).get(1));
        long firstHead = firstRow / headSize;
        long lastHead = (firstRow + count - 1) / headSize;
        int rows = Math.toIntExact((lastHead - firstHead + 1) * headSize);
        float[] heads = new float[Math.multiplyExact(rows, rowLength)];
        file.readRows(inFile, firstHead * headSize, rows, FloatBuffer.wrap(heads));
        for (long row = firstRow; row < firstRow + count; row++) {
            int inHead = (int) (row % headSize);
            int half = headSize / 2;
            int moved = inHead < half ? 2 * inHead : 2 * (inHead - half) + 1;
            int from = (int) (row / headSize - firstHead) * headSize + moved;
            target.put(heads, from * rowLength, rowLength);
        }
    }

    private String fileName(String name) {
        String found = fileNames.get(name);
        if (found == null) {
            throw new LanguageModelException(
                    Code.MALFORMED_FILE, file.path() + " has no tensor for " + name);
        }
        return found;
    }

    @Override
    public void close() {
        file.close();
    }
}
