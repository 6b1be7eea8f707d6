package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.round.AdapterHistory;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.Sha256;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What rounds taught the language model: LoRA adapters in PEFT's layout. */
@Path("/v1/tasks/{task}/adapters")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Adapters", description = "What rounds taught the language model, for PEFT and vLLM")
public final class AdapterResource {
    private static final String ZIP = "application/zip";
    private static final String LATEST = "latest";

    private final TaskStore tasks;
    private final RoundStore rounds;
    private final ArtifactStore artifacts;

    AdapterResource(TaskStore tasks, RoundStore rounds, ArtifactStore artifacts) {
        this.tasks = tasks;
        this.rounds = rounds;
        this.artifacts = artifacts;
    }

    /** All adapters of a task. */
    @RegisterForReflection
    public record AdapterList(String task, List<AdapterView> adapters) {}

    /**
     * An adapter that passed its round's guard.
     *
     * @param round that made it
     * @param sha256 hexadecimal, of the zip file
     * @param bytes of the zip file; absent if it is no longer kept
     * @param fate what became of it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    public record AdapterView(
            int round, String sha256, @Nullable Long bytes, AdapterHistory.Fate fate) {}

    @GET
    @Operation(summary = "List the adapters that the task's rounds made, the first one first")
    @APIResponse(responseCode = "404", description = "There is no such task")
    public AdapterList list(@PathParam("task") String name) {
        TaskDefinition task = TaskResource.find(tasks, name);
        return new AdapterList(
                name,
                AdapterHistory.of(rounds, task.name()).entries().stream().map(this::view).toList());
    }

    private AdapterView view(AdapterHistory.Entry entry) {
        Long bytes = file(entry).map(AdapterResource::size).orElse(null);
        return new AdapterView(entry.round(), entry.sha256(), bytes, entry.fate());
    }

    @GET
    @Path("/{round}")
    @Produces(ZIP)
    @Operation(
            summary = "Download the adapter of a round, or the latest",
            description =
                    "A zip file with adapter_config.json and adapter_model.safetensors; latest is"
                            + " the one that the next round starts with.")
    @APIResponse(responseCode = "200", description = "The zip file; its ETag is its SHA-256")
    @APIResponse(responseCode = "304", description = "The caller has it")
    @APIResponse(responseCode = "404", description = "There is no such task, or no such adapter")
    public Response download(
            @PathParam("task") String name,
            @PathParam("round") String round,
            @Context Request request) {
        TaskDefinition task = TaskResource.find(tasks, name);
        AdapterHistory history = AdapterHistory.of(rounds, task.name());
        AdapterHistory.Entry entry =
                (round.equals(LATEST) ? history.current() : history.ofRound(number(round)))
                        .orElseThrow(() -> missing(name, round));
        java.nio.file.Path file = file(entry).orElseThrow(() -> missing(name, round));
        EntityTag tag = new EntityTag(entry.sha256());
        Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
        if (unchanged != null) {
            return unchanged.tag(tag).build();
        }
        return Response.ok(file.toFile(), ZIP)
                .tag(tag)
                .header("Cache-Control", "private, no-cache")
                .header(
                        "Content-Disposition",
                        "attachment; filename=\"" + name + "-round-" + entry.round() + ".zip\"")
                .build();
    }

    private Optional<java.nio.file.Path> file(AdapterHistory.Entry entry) {
        return artifacts.find(Sha256.ofHex(entry.sha256()));
    }

    private static long size(java.nio.file.Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.NO_DISK, "an adapter's file cannot be read: " + e.getMessage(), e);
        }
    }

    private static int number(String round) {
        if (!round.matches("[1-9]\\d{0,8}")) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "expected a round's number, from 1, or latest, but got " + round);
        }
        return Integer.parseInt(round);
    }

    private static CoordinatorException missing(String task, String round) {
        return new CoordinatorException(
                Code.UNKNOWN_ARTIFACT,
                round.equals(LATEST)
                        ? "task " + task + " works with the untuned model: no round's adapter holds"
                        : "round " + round + " of task " + task + " made no adapter that was kept");
    }
}
