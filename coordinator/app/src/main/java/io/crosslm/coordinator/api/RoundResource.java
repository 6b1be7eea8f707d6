package io.crosslm.coordinator.api;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.round.RoundEngine;
import io.crosslm.coordinator.round.RoundHistory;
import io.crosslm.coordinator.round.RoundId;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The rounds of a task. */
@Path("/v1/tasks/{task}/rounds")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Rounds", description = "Generate, score, tune, curate, train: one after the other")
public final class RoundResource {
    private static final int MAX_LIMIT = 1_000;

    private final RoundEngine engine;
    private final TaskStore tasks;
    private final RoundStore rounds;

    RoundResource(RoundEngine engine, TaskStore tasks, RoundStore rounds) {
        this.engine = engine;
        this.tasks = tasks;
        this.rounds = rounds;
    }

    /** How many rounds; one if it is not said. */
    @RegisterForReflection
    public record Order(@Nullable Integer count) {}

    /** Numbers of the rounds that were planned. */
    @RegisterForReflection
    public record Planned(String task, List<Integer> rounds) {}

    /** The newest rounds of a task without their outcomes, and how many it has in all. */
    @RegisterForReflection
    public record RoundList(String task, List<RoundView> rounds, int total) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(summary = "Plan rounds, which run one after the other")
    @APIResponse(responseCode = "202", description = "The rounds are planned")
    @APIResponse(responseCode = "404", description = "There is no such task")
    public Response plan(@PathParam("task") String name, @Nullable Order order) {
        TaskDefinition task = TaskResource.find(tasks, name);
        Integer count = order == null ? null : order.count();
        List<Integer> numbers =
                engine.request(task.name(), count == null ? 1 : count).stream()
                        .map(round -> round.number().value())
                        .toList();
        return Response.accepted(new Planned(name, numbers)).build();
    }

    @GET
    @Operation(
            summary = "List the task's rounds, the newest one first",
            description = "Without their outcomes, which the rounds themselves tell.")
    @APIResponse(responseCode = "400", description = "The limit is not one")
    @APIResponse(responseCode = "404", description = "There is no such task")
    public RoundList list(
            @PathParam("task") String name, @QueryParam("limit") @DefaultValue("50") int limit) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST,
                    "limit: expected 1 to " + MAX_LIMIT + " rounds but got " + limit);
        }
        TaskDefinition task = TaskResource.find(tasks, name);
        List<RoundHistory> all = rounds.rounds(task.name());
        List<RoundView> newest = new ArrayList<>();
        for (int i = all.size() - 1; i >= Math.max(0, all.size() - limit); i--) {
            newest.add(brief(task, all.get(i)));
        }
        return new RoundList(name, newest, all.size());
    }

    @GET
    @Path("/{round}")
    @Operation(
            summary = "Show a round: its steps, its reports, and what it brought",
            description =
                    "outcome.adapter is the SHA-256 of the language model's adapter after the"
                            + " round, empty if there is none. GET /v1/artifacts/{sha256} gives"
                            + " it as a zip of adapter_config.json and"
                            + " adapter_model.safetensors in PEFT's layout: unzip it and load the"
                            + " folder with PeftModel.from_pretrained.")
    @APIResponse(responseCode = "404", description = "There is no such task or round")
    public RoundView show(@PathParam("task") String name, @PathParam("round") int number) {
        TaskDefinition task = TaskResource.find(tasks, name);
        return view(task, find(rounds, RoundId.of(task.name(), number)));
    }

    @POST
    @Path("/{round}/cancel")
    @Operation(summary = "Cancel a round; devices stop their work on it")
    @APIResponse(responseCode = "404", description = "There is no such task or round")
    @APIResponse(responseCode = "409", description = "The round is over")
    public RoundView cancel(@PathParam("task") String name, @PathParam("round") int number) {
        TaskDefinition task = TaskResource.find(tasks, name);
        engine.cancel(RoundId.of(task.name(), number), "cancelled by the operator");
        return show(name, number);
    }

    private RoundView view(TaskDefinition task, RoundHistory round) {
        return RoundView.of(task, round, rounds, engine.waitingFor(round.id()));
    }

    private RoundView brief(TaskDefinition task, RoundHistory round) {
        return RoundView.brief(task, round, rounds, engine.waitingFor(round.id()));
    }

    static RoundHistory find(RoundStore rounds, RoundId round) {
        return rounds.find(round)
                .orElseThrow(
                        () -> new CoordinatorException(Code.UNKNOWN_ROUND, "there is no " + round));
    }
}
