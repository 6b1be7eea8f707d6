package io.crosslm.slm.pack;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.autodiff.AdamW;
import io.crosslm.slm.classifier.ClassifierHead;
import io.crosslm.slm.classifier.EncoderWeights;
import io.crosslm.slm.classifier.LoraAdapter;
import io.crosslm.slm.classifier.Parameter;
import io.crosslm.slm.classifier.PrivateTrainGraph;
import io.crosslm.slm.classifier.StepMemory;
import io.crosslm.slm.classifier.TrainGraph;
import io.crosslm.slm.encoder.EncoderGraph;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.encoder.Pooling;
import io.crosslm.slm.graph.ExternalWeights;
import io.crosslm.slm.graph.Graph;
import io.crosslm.slm.graph.IntegerProducts;
import io.crosslm.text.EncoderTokenizer;
import io.crosslm.text.TokenizerException;
import io.crosslm.text.TokenizerJson;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds SLM packages: a zip of graphs, weights, tokenizer and manifest.json.
 *
 * <p>Mode head: {@code encode.onnx} (tokens to embedding), {@code score.onnx} (embedding and
 * parameters to logits), {@code train.onnx} (one step on embeddings). Other modes: {@code
 * score.onnx} and {@code train.onnx} from tokens. {@code parameters.safetensors} holds the initial
 * values of what is trained; the frozen weights lie once in {@code encoder.weights}, which the
 * graphs share. The same settings give the same bytes.
 */
public final class SlmPackageBuilder {
    /** Version of the package format: {@value}. */
    public static final int FORMAT_VERSION = 1;

    /** Raised whenever a builder makes other bytes of the same input: {@value}. */
    public static final int REVISION = 6;

    /** Media type of a package. */
    public static final String MEDIA_TYPE = "application/vnd.crosslm.slm+zip";

    /** Tokens of a text that count, [CLS] and [SEP] among them: {@value}. */
    public static final int DEFAULT_MAX_TOKENS = 96;

    /** The most labels of a package: {@value}. */
    public static final int MOST_LABELS = 1024;

    /** Name of the engine that runs these packages: {@value}. */
    public static final String ENGINE = "onnx";

    private static final String WEIGHTS = "encoder.weights";
    private static final int LORA_RANK = 8;
    private static final double LORA_ALPHA = 16;

    /**
     * Query and value of BERT, RoBERTa, ELECTRA, ALBERT; DistilBERT; MPNet; OPT and others;
     * DeBERTa; and the one matrix for query, key and value of ModernBERT.
     */
    private static final List<String> LORA_TARGETS =
            List.of(
                    "query",
                    "value",
                    "q_lin",
                    "v_lin",
                    "q",
                    "v",
                    "q_proj",
                    "v_proj",
                    "query_proj",
                    "value_proj",
                    "Wqkv");

    private static final Set<EncoderWeights.Role> FULL =
            EnumSet.complementOf(EnumSet.of(EncoderWeights.Role.TABLE));

    private static final long INITIAL_SEED = 1;

    private final EncoderSource encoder;
    private final List<String> labels;
    private SlmMode mode = SlmMode.HEAD;
    private List<String> loraTargets = LORA_TARGETS;
    private final Set<Extra> extras = EnumSet.noneOf(Extra.class);
    private int maxTokens = DEFAULT_MAX_TOKENS;
    private EncoderGraph.@Nullable Embedding embedding;
    private final TrainingChoices choices = new TrainingChoices();

    private SlmPackageBuilder(EncoderSource encoder, List<String> labels) {
        this.encoder = encoder;
        this.labels = labels;
    }

    /** A builder of packages for a task with these labels. */
    public static SlmPackageBuilder of(EncoderSource encoder, List<String> labels) {
        return new SlmPackageBuilder(encoder, Labels.checked(labels));
    }

    /** What devices train; {@link SlmMode#HEAD} unless said otherwise. */
    public SlmPackageBuilder mode(SlmMode mode) {
        this.mode = mode;
        return this;
    }

    /**
     * Layers with adapters in mode lora, as {@link LoraAdapter} takes them; query and value of
     * every layer unless said otherwise.
     */
    public SlmPackageBuilder loraTargets(List<String> targets) {
        if (targets.isEmpty() || targets.stream().anyMatch(String::isBlank)) {
            throw badInput("a LoRA target is empty; name a layer, as query, or a pattern");
        }
        loraTargets = List.copyOf(targets);
        return this;
    }

    /** Adds what not every device needs; nothing unless said otherwise. */
    public SlmPackageBuilder with(Extra extra) {
        extras.add(extra);
        return this;
    }

    /** Tokens of a text that count; {@value #DEFAULT_MAX_TOKENS} unless said otherwise. */
    public SlmPackageBuilder maxTokens(int maxTokens) {
        if (maxTokens < 2) {
            throw badInput("maxTokens must be 2 or more but is " + maxTokens);
        }
        this.maxTokens = maxTokens;
        return this;
    }

    /**
     * What the head works on; unless said otherwise the hidden states as the encoder pools them
     * ({@link EncoderSource#pooling()}, their mean where nothing says), scaled to length 1.
     */
    public SlmPackageBuilder embedding(EncoderGraph.Embedding embedding) {
        this.embedding = embedding;
        return this;
    }

    /**
     * How far private examples of rare labels weigh more on devices: 0, the default, not at all, 1
     * so that every label counts alike.
     *
     * @throws SlmException BAD_INPUT if it is not from 0 to 1
     */
    public SlmPackageBuilder classBalance(double share) {
        choices.classBalance(share);
        return this;
    }

    /**
     * Epochs without a lower validation loss after which devices end a training; 0, the default,
     * runs all.
     *
     * @throws SlmException BAD_INPUT if it is negative or above {@value
     *     TrainingChoices#MOST_EPOCHS}
     */
    public SlmPackageBuilder patience(int epochs) {
        choices.patience(epochs);
        return this;
    }

    /**
     * Writes the package atomically.
     *
     * @throws SlmException if the encoder is not found or not one that can be used, or the file
     *     cannot be written
     */
    public BuiltPackage build(Path file) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        String tokenizerJson = encoder.tokenizerJson();
        EncoderTokenizer tokenizer = tokenizer(tokenizerJson);
        files.put("tokenizer.json", tokenizerJson.getBytes(StandardCharsets.UTF_8));
        ExternalWeights weights = new ExternalWeights(WEIGHTS);
        Map<String, String> graphs = new LinkedHashMap<>();
        List<Parameter> parameters = new ArrayList<>();
        EncoderGraph.Embedding pooled =
                embedding == null
                        ? EncoderGraph.Embedding.normalised(encoder.pooling().orElse(Pooling.MEAN))
                        : embedding;
        EncoderGraph encoding = encoding(pooled);
        if (mode == SlmMode.HEAD) {
            put("encode", weights.toBytes(encoding.graph()), files, graphs);
        }
        parameters.addAll(encoding.parameters());
        expectVocabulary(tokenizer, encoding);
        int size = encoding.embeddingSize();
        parameters.addAll(ClassifierHead.zeros(size, labels.size()));
        Graph floats = scoreGraph(encoding, size);
        // One row's rounding depends on the others': a private training keeps its rows apart.
        boolean isRounded = !extras.contains(Extra.PRIVATE_TRAINING);
        Graph score = floats.copy();
        if (isRounded) {
            IntegerProducts.apply(score, encoding.dequantised());
        }
        put("score", weights.toBytes(score), files, graphs);
        Graph train = TrainGraph.of(floats, parameters, labels.size(), new AdamW());
        if (isRounded) {
            IntegerProducts.apply(train, encoding.dequantised());
        }
        put("train", weights.toBytes(train), files, graphs);
        Map<String, StepMemory> memory = new LinkedHashMap<>();
        StepMemory.of(train).ifPresent(step -> memory.put("train", step));
        if (extras.contains(Extra.PRIVATE_TRAINING)) {
            Graph step = PrivateTrainGraph.of(floats, parameters, labels.size(), new AdamW());
            put("trainPrivate", weights.toBytes(step), files, graphs);
            StepMemory.of(step).ifPresent(one -> memory.put("trainPrivate", one));
        }
        files.put("parameters.safetensors", Safetensors.of(parameters));
        try {
            Map<String, ZipContent> contents = new LinkedHashMap<>();
            files.forEach((name, bytes) -> contents.put(name, ZipContent.of(bytes)));
            contents.put(WEIGHTS, ZipContent.of(weights::writeTo));
            Map<String, ZipContent> entries = new LinkedHashMap<>();
            entries.put(
                    "manifest.json",
                    ZipContent.of(manifest(encoding, pooled, graphs, memory, contents)));
            entries.putAll(contents);
            return StoredZip.write(file, entries);
        } catch (IOException e) {
            throw new SlmException(
                    SlmException.Code.STORAGE, "The package cannot be written to " + file, e);
        }
    }

    private EncoderGraph encoding(EncoderGraph.Embedding pooled) {
        byte[] model = encoder.graph();
        return switch (mode) {
            case HEAD -> EncoderGraph.frozen(model, pooled);
            case LORA -> {
                LoraAdapter adapter = new LoraAdapter(LORA_RANK, LORA_ALPHA, loraTargets);
                yield EncoderGraph.adapted(model, pooled, adapter, INITIAL_SEED);
            }
            case FULL -> EncoderGraph.trained(model, pooled, FULL);
            case BIAS -> EncoderGraph.trained(model, pooled, EnumSet.of(EncoderWeights.Role.BIAS));
        };
    }

    /** Reads the tokenizer as devices will, so that no package is built which they refuse. */
    private EncoderTokenizer tokenizer(String json) {
        try {
            return TokenizerJson.readEncoder(new StringReader(json));
        } catch (TokenizerException e) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The tokenizer of " + encoder.name() + " cannot be used: " + e.getMessage(),
                    e);
        }
    }

    private static void expectVocabulary(EncoderTokenizer tokenizer, EncoderGraph encoding) {
        OptionalLong rows = encoding.vocabularySize();
        if (rows.isPresent() && tokenizer.vocabularySize() > rows.getAsLong()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    "The tokenizer has "
                            + tokenizer.vocabularySize()
                            + " tokens but the encoder knows "
                            + rows.getAsLong()
                            + "; they do not belong together");
        }
    }

    private Graph scoreGraph(EncoderGraph encoding, int embeddingSize) {
        if (mode == SlmMode.HEAD) {
            return ClassifierHead.scoreGraph(embeddingSize, labels.size());
        }
        Graph score = encoding.graph();
        score.clearOutputs();
        ClassifierHead.append(score, embeddingSize, labels.size());
        return score;
    }

    private static void put(
            String role, byte[] model, Map<String, byte[]> files, Map<String, String> graphs) {
        files.put(role + ".onnx", model);
        graphs.put(role, role + ".onnx");
    }

    private byte[] manifest(
            EncoderGraph encoding,
            EncoderGraph.Embedding pooled,
            Map<String, String> graphs,
            Map<String, StepMemory> memory,
            Map<String, ZipContent> files) {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("engine", ENGINE);
        manifest.put("name", encoder.name());
        manifest.put("licence", encoder.licence());
        manifest.put("mode", mode.word());
        manifest.put("labels", labels);
        manifest.put("opset", Graph.OPSET);
        manifest.put("tokenInputs", encoding.tokenInputs());
        manifest.put("maxTokens", maxTokens);
        manifest.put("embeddingSize", encoding.embeddingSize());
        manifest.put("pooling", pooled.pooling().word());
        manifest.put("normalisedEmbedding", pooled.isNormalised());
        manifest.put("graphs", graphs);
        manifest.put("tokenizer", "tokenizer.json");
        manifest.put("parameters", "parameters.safetensors");
        manifest.put("training", choices.added(TrainingDefaults.of(mode)));
        Map<String, Object> bytes = new LinkedHashMap<>();
        memory.forEach((graph, step) -> bytes.put(graph, members(step)));
        manifest.put("memory", bytes);
        return Manifest.json(manifest, files);
    }

    private static Map<String, Object> members(StepMemory step) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("fixed", step.fixed());
        members.put("perRow", step.perRow());
        members.put("perToken", step.perToken());
        members.put("perTokenPair", step.perTokenPair());
        return members;
    }

    private static SlmException badInput(String message) {
        return new SlmException(SlmException.Code.BAD_INPUT, message);
    }

    /** A part of a package that is left out by default. */
    public enum Extra {
        /**
         * The graph {@code trainPrivate}: steps of DP-SGD, with a copy of all that is trained for
         * each example of a step in memory: little in the modes head, lora and bias, much in mode
         * full. The encoder computes with floats then, one in int8, too. An encoder whose weights
         * are read by other operators than MatMul, LayerNormalization and arithmetic is refused in
         * the modes full and bias.
         */
        PRIVATE_TRAINING
    }
}
