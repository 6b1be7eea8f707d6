package io.crosslm.coordinator.round;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.llm.ModelDescription;
import io.crosslm.protocol.DeviceId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What the steps of a round leave behind, as records that are stored as JSON. */
public final class RoundDocuments {
    private static final Gson GSON = new Gson();

    private RoundDocuments() {}

    static String write(Object document) {
        return GSON.toJson(document);
    }

    /** Reads a stored document. */
    public static <T> T read(String json, Class<T> type) {
        try {
            return GSON.fromJson(json, type);
        } catch (JsonSyntaxException e) {
            throw new CoordinatorException(
                    Code.DAMAGED_DATABASE,
                    "a stored document cannot be read as "
                            + type.getSimpleName()
                            + "; was the database damaged?",
                    e);
        }
    }

    /** A stored document without what it says of a device. */
    public static String without(DocumentKind kind, String json, DeviceId device) {
        return switch (kind) {
            case FUSION -> write(read(json, Fused.class).without(device.value()));
            case OUTCOME -> write(read(json, Outcome.class).without(device.value()));
            case GENERATION, TUNING, CURATION -> json;
        };
    }

    /** Opinions as nested lists; empty where a sample was not scored. */
    static List<List<Double>> rows(Opinions opinions) {
        List<List<Double>> rows = new ArrayList<>();
        for (int i = 0; i < opinions.sampleCount(); i++) {
            rows.add(Arrays.stream(opinions.row(i)).boxed().toList());
        }
        return rows;
    }

    static Opinions opinions(List<List<Double>> rows, int labelCount) {
        double[][] values = new double[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i).stream().mapToDouble(Double::doubleValue).toArray();
        }
        return Opinions.of(labelCount, values);
    }

    /**
     * A part as announced.
     *
     * @param sha256 hexadecimal, of the payload
     */
    public record Part(int index, String sha256, int samples, int bytes) {}

    /** A package of the small language model as announced. */
    public record Package(String sha256, long bytes, String mediaType, List<String> urls) {}

    /**
     * The package of one of the task's models.
     *
     * @param model its name; empty in rounds of before models had names
     * @param engine that runs it
     */
    public record ModelPackage(String model, String engine, Package slmPackage) {}

    /**
     * GENERATING.
     *
     * @param samples written
     * @param kept of them
     * @param adapter hexadecimal hash of the adapter that wrote them; empty for none
     * @param selected devices that are asked to score
     * @param slmPackage of the task's first model
     * @param enginePackages by engine, in rounds of before models had names; else null
     * @param modelPackages in the task's order; null in rounds of before models had names
     */
    public record Generation(
            int samples,
            int kept,
            long tokens,
            double tokensPerSecond,
            String adapter,
            int selected,
            List<Part> parts,
            Package slmPackage,
            @Nullable Map<String, Package> enginePackages,
            @Nullable List<ModelPackage> modelPackages) {
        /** The packages and who takes them; may be empty where there is only the first one. */
        List<ModelPackage> packages() {
            if (modelPackages != null) {
                return modelPackages;
            }
            return enginePackages == null || enginePackages.size() < 2
                    ? List.of()
                    : enginePackages.entrySet().stream()
                            .map(one -> new ModelPackage("", one.getKey(), one.getValue()))
                            .toList();
        }

        /** Names of the models by the hash of their package, hexadecimal. */
        Map<String, String> modelNames() {
            Map<String, String> names = new HashMap<>();
            packages().forEach(one -> names.put(one.slmPackage().sha256(), one.model()));
            return names;
        }

        /** Bytes of the packages by their hash, hexadecimal. */
        Map<String, Long> packageBytes() {
            Map<String, Long> bytes = new HashMap<>();
            bytes.put(slmPackage.sha256(), slmPackage.bytes());
            for (ModelPackage one : packages()) {
                bytes.put(one.slmPackage().sha256(), one.slmPackage().bytes());
            }
            return bytes;
        }
    }

    /**
     * TUNING, first half: what fusion found.
     *
     * @param devices that counted
     * @param reliabilities of them, in their order
     * @param fallback why estimates were set aside; empty if they were not
     * @param languageModelReliability null if it did not vote
     * @param languageModelReason why the language model did not vote; empty if it did; null in
     *     rounds of before it could be silent
     * @param means per label that calibrate the language model's vote
     * @param languageModel its vote, [samples, labels]; empty rows if it did not vote
     * @param fused q, [samples, labels]
     */
    public record Fused(
            List<String> devices,
            List<Double> reliabilities,
            @Nullable Double languageModelReliability,
            @Nullable String languageModelReason,
            double intentReliability,
            int iterations,
            String fallback,
            List<Double> means,
            List<List<Double>> languageModel,
            List<List<Double>> fused) {
        private Fused without(String device) {
            List<String> others = new ArrayList<>(devices);
            List<Double> theirs = new ArrayList<>(reliabilities);
            int position = others.indexOf(device);
            if (position >= 0) {
                others.remove(position);
                theirs.remove(position);
            }
            return new Fused(
                    others,
                    theirs,
                    languageModelReliability,
                    languageModelReason,
                    intentReliability,
                    iterations,
                    fallback,
                    means,
                    languageModel,
                    fused);
        }

        /** Why the language model did not vote; empty if it did. */
        String silence() {
            return languageModelReason == null ? "" : languageModelReason;
        }
    }

    /**
     * What tells one language model from another.
     *
     * @param name as the catalogue or the server calls it
     * @param sha256 hexadecimal, of its weights; empty if not known
     */
    public record BaseModel(String name, String sha256) {
        static BaseModel of(ModelDescription model) {
            return new BaseModel(model.name(), model.sha256());
        }

        /** Whether an adapter of this model is one of the other: by weights, else by name. */
        boolean hasWeightsOf(BaseModel other) {
            return sha256.isEmpty() || other.sha256.isEmpty()
                    ? name.equals(other.name)
                    : sha256.equals(other.sha256);
        }

        /** For operators. */
        @Override
        public String toString() {
            return sha256.isEmpty()
                    ? name
                    : name
                            + " (SHA-256 "
                            + sha256.substring(0, Math.min(12, sha256.length()))
                            + ")";
        }
    }

    /** The language model measured; null is "not measured". */
    public record Measures(@Nullable Double accuracy, @Nullable Double labelFidelity) {}

    /**
     * TUNING, second half.
     *
     * @param adapter hexadecimal hash of the adapter that the next round starts with; empty for
     *     none
     * @param guardKl of the tuned adapter; null if nothing was tuned or it is not finite
     * @param guardLoss relative rise of the negative log-likelihood of general passages; null if it
     *     was not measured or is not finite
     * @param guardFactor how far the guard let the adapter go from its start, 1 for all the way;
     *     null if nothing was tuned
     * @param reason why no new adapter was kept; else empty
     * @param model that was measured and tuned; null in rounds of before it was noted
     */
    public record Tuning(
            Measures before,
            Measures after,
            @Nullable Double guardKl,
            @Nullable Double guardLoss,
            @Nullable Double guardFactor,
            boolean adapterKept,
            String reason,
            String adapter,
            int pairs,
            int steps,
            double firstLoss,
            double lastLoss,
            double replayKl,
            @Nullable BaseModel model) {}

    /** CURATING. */
    public record Curation(int added, int size, List<Part> parts) {}

    /** Right answers. */
    public record Count(int correct, int total) {}

    /** A device's model on the device's own texts; test is null if it holds none. */
    public record ModelScore(Count validation, @Nullable Count test, @Nullable Double macroF1) {
        /** Share of right answers: on the test part, or on the validation part without one. */
        public OptionalDouble accuracy() {
            Count count = test == null ? validation : test;
            return count.total() == 0
                    ? OptionalDouble.empty()
                    : OptionalDouble.of((double) count.correct() / count.total());
        }
    }

    /**
     * What a device reported, and what fusion thought of it.
     *
     * @param model name of the small model that it has; null if it never scored, and in rounds of
     *     before models had names
     * @param reliability null if it did not score
     * @param standalone null if withheld, as withPool, kept and privateExamples
     * @param withheld true where the task's privacy mode keeps back what private texts decide; null
     *     in other tasks
     */
    public record DeviceOutcome(
            String device,
            @Nullable String model,
            @Nullable Double reliability,
            @Nullable ModelScore standalone,
            @Nullable ModelScore withPool,
            @Nullable Boolean kept,
            @Nullable Integer privateExamples,
            int poolSamples,
            @Nullable Boolean withheld) {
        /** Of the standalone model, where the device tells it. */
        public OptionalDouble standaloneAccuracy() {
            return accuracy(standalone);
        }

        /** Of the model with the pool, where the device tells it. */
        public OptionalDouble withPoolAccuracy() {
            return accuracy(withPool);
        }

        private static OptionalDouble accuracy(@Nullable ModelScore score) {
            return score == null ? OptionalDouble.empty() : score.accuracy();
        }
    }

    /**
     * What the round brought the devices with one of the task's models.
     *
     * @param standalone mean accuracy of their models of private texts alone
     * @param withPool mean accuracy of their models of private texts and pool
     * @param gain difference of the two
     */
    public record ModelGain(
            String model, int devices, double standalone, double withPool, double gain) {}

    /**
     * Reliabilities of the annotators that are no devices.
     *
     * @param llm null if it did not vote
     * @param llmReason why it did not; else empty; null in rounds of before it could be silent
     */
    public record Reliability(
            @Nullable Double llm, @Nullable String llmReason, double intent, String fallback) {}

    /**
     * Devices' answers to texts that were asked for as a label, where they draw them.
     *
     * @param label its name
     * @param answers to such texts
     * @param asAsked of them, the estimated share by devices whose own label it is; without bias,
     *     so that it may be below 0 or above 1
     * @param standardError of the share, by the drawing alone
     */
    public record AnswerShare(String label, long answers, double asAsked, double standardError) {}

    /** The language model in a round; what the guard found is as in {@link Tuning}. */
    public record ModelOutcome(
            Measures before,
            Measures after,
            @Nullable Double guardKl,
            @Nullable Double guardLoss,
            @Nullable Double guardFactor,
            boolean adapterKept,
            String reason) {}

    /** The pool after a round. */
    public record Pool(int added, int size) {}

    /** Payload bytes of reports, of parts to the devices that reported, and of packages. */
    public record Bytes(long up, long down, long packages) {}

    /**
     * CLOSED.
     *
     * @param models what the round brought the devices with each model, in the task's order; null
     *     in rounds of before models had names
     * @param answers by label, in the task's order; null where devices do not draw their answers
     * @param adapter hexadecimal hash of the adapter that the next round starts with; another than
     *     tuning's if the devices' gain fell
     */
    public record Outcome(
            List<DeviceOutcome> devices,
            @Nullable List<ModelGain> models,
            Reliability reliability,
            @Nullable List<AnswerShare> answers,
            ModelOutcome llm,
            Pool pool,
            Bytes bytes,
            Map<String, Double> secondsPerStep,
            String adapter) {
        private Outcome without(String device) {
            List<DeviceOutcome> others =
                    devices.stream().filter(one -> !one.device().equals(device)).toList();
            return new Outcome(
                    others,
                    models == null
                            ? null
                            : DeviceModels.gains(
                                    models.stream().map(ModelGain::model).toList(), others),
                    reliability,
                    answers,
                    llm,
                    pool,
                    bytes,
                    secondsPerStep,
                    adapter);
        }
    }
}
