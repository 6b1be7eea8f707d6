package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.feedback.Opinions;
import io.crosslm.coordinator.feedback.ScoredOpinions;
import io.crosslm.coordinator.round.DocumentKind;
import io.crosslm.coordinator.round.RoundDocuments;
import io.crosslm.coordinator.round.RoundId;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.StoredReport;
import io.crosslm.coordinator.sample.FilterReason;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.wire.ReportKind;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The samples of a round and what everybody thinks of them. */
@Path("/v1/samples")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Samples", description = "Synthetic texts with the opinions about them")
public final class SampleResource {
    private static final int MAX_LIMIT = 1_000;

    private final TaskStore tasks;
    private final RoundStore rounds;

    SampleResource(TaskStore tasks, RoundStore rounds) {
        this.tasks = tasks;
        this.rounds = rounds;
    }

    /** Samples of a round from the offset on, and how many it has in all. */
    @RegisterForReflection
    public record Page(List<SampleView> samples, List<String> labels, int total) {}

    /**
     * A sample as REST shows it; opinions are probabilities in the order of the labels.
     *
     * @param intended index of the label that it was asked for
     * @param filtered why it was not sent to devices; null if it was
     * @param fused q; null until the round is tuned, or if it was filtered
     * @param llm the untuned language model's vote; null likewise, and where it did not vote
     * @param devices opinions by device id; those that did not score it are absent
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @RegisterForReflection
    public record SampleView(
            int index,
            String text,
            int intended,
            @Nullable String filtered,
            @Nullable List<Double> fused,
            @Nullable List<Double> llm,
            Map<String, List<Double>> devices,
            boolean inPool) {}

    @GET
    @Operation(summary = "List a round's samples with all opinions")
    @APIResponse(responseCode = "404", description = "There is no such task or round")
    public Page list(
            @QueryParam("task") @Nullable String name,
            @QueryParam("round") @Nullable Integer number,
            @QueryParam("limit") @DefaultValue("100") int limit,
            @QueryParam("offset") @DefaultValue("0") int offset) {
        if (name == null || number == null) {
            throw bad("task and round: expected both as query parameters but one is missing");
        }
        if (limit < 1 || limit > MAX_LIMIT || offset < 0) {
            throw bad("limit: expected 1 to " + MAX_LIMIT + ", and offset: 0 or more");
        }
        TaskDefinition task = TaskResource.find(tasks, name);
        RoundId round = RoundResource.find(rounds, RoundId.of(task.name(), number)).id();
        List<Sample> samples = rounds.samples(round);
        int from = Math.min(offset, samples.size());
        int to = (int) Math.min((long) from + limit, samples.size());
        OpinionTable table = table(task, round, samples);
        return new Page(
                samples.subList(from, to).stream().map(table::view).toList(),
                task.labelNames(),
                samples.size());
    }

    private static CoordinatorException bad(String message) {
        return new CoordinatorException(Code.BAD_REQUEST, message);
    }

    private OpinionTable table(TaskDefinition task, RoundId round, List<Sample> samples) {
        int[] asked = samples.stream().filter(Sample::isKept).mapToInt(Sample::intended).toArray();
        Map<String, Opinions> devices = new LinkedHashMap<>();
        for (StoredReport report : rounds.reports(round, ReportKind.REPORT_KIND_SCORES)) {
            devices.put(
                    report.device().value(),
                    ScoredOpinions.of(report.report().getScores(), task.labelCount(), asked));
        }
        Set<Integer> inPool =
                rounds.pool(task.name()).stream()
                        .filter(sample -> sample.round() == round.number().value())
                        .map(PoolSample::index)
                        .collect(Collectors.toSet());
        return new OpinionTable(
                rounds.document(round, DocumentKind.FUSION)
                        .map(json -> RoundDocuments.read(json, RoundDocuments.Fused.class)),
                devices,
                inPool);
    }

    /** Opinions about a round's samples, by index. */
    @RegisterForReflection
    private record OpinionTable(
            Optional<RoundDocuments.Fused> fused,
            Map<String, Opinions> devices,
            Set<Integer> inPool) {
        SampleView view(Sample sample) {
            int index = sample.index();
            Optional<RoundDocuments.Fused> found = fused.filter(f -> sample.isKept());
            Map<String, List<Double>> opinions = new LinkedHashMap<>();
            if (sample.isKept()) {
                devices.forEach(
                        (device, opinion) -> {
                            if (opinion.isScored(index)) {
                                opinions.put(
                                        device, Arrays.stream(opinion.row(index)).boxed().toList());
                            }
                        });
            }
            return new SampleView(
                    index,
                    sample.text(),
                    sample.intended(),
                    sample.filtered().map(FilterReason::word).orElse(null),
                    found.map(f -> f.fused().get(index)).orElse(null),
                    found.map(f -> f.languageModel().get(index))
                            .filter(row -> !row.isEmpty())
                            .orElse(null),
                    opinions,
                    inPool.contains(index));
        }
    }
}
