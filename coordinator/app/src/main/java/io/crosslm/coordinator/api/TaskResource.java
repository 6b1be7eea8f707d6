package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.coordinator.task.EvaluationSet;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.TaskName;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The tasks of the coordinator. */
@Path("/v1/tasks")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Tasks", description = "What the models learn: labels, prompts and settings")
public final class TaskResource {
    private final TaskStore tasks;
    private final SlmPackages packages;

    TaskResource(TaskStore tasks, SlmPackages packages) {
        this.tasks = tasks;
        this.packages = packages;
    }

    /** A task file that names every setting. */
    @Schema(
            type = SchemaType.OBJECT,
            description = "A task file; docs/ref-task-file.md lists its keys.")
    @RegisterForReflection
    public record TaskView(@JsonValue @JsonRawValue String json) {}

    /** All tasks. */
    @RegisterForReflection
    public record TaskList(List<TaskLine> tasks) {}

    /** A task on one line. */
    @RegisterForReflection
    public record TaskLine(String name, String description, List<String> labels) {
        static TaskLine of(TaskDefinition task) {
            return new TaskLine(task.name().value(), task.description(), task.labelNames());
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Add a task",
            description = "The same task again does no harm; a task that is there does not change.")
    @APIResponse(responseCode = "201", description = "The task is new")
    @APIResponse(responseCode = "200", description = "The same task was there")
    @APIResponse(responseCode = "400", description = "A key is unknown, missing or has a bad value")
    @APIResponse(responseCode = "409", description = "Another task has the name")
    public Response add(@Schema(type = SchemaType.OBJECT) String body) {
        TaskDefinition task = TaskDefinition.parse(body);
        // Looked at now, so that what is wrong is found before a round needs it.
        packages.check(task);
        task.evaluationFile()
                .ifPresent(
                        file -> EvaluationSet.read(java.nio.file.Path.of(file), task.labelNames()));
        return Response.status(tasks.add(task) ? 201 : 200).entity(view(task)).build();
    }

    @GET
    @Operation(summary = "List all tasks by name")
    public TaskList list() {
        return new TaskList(tasks.all().stream().map(TaskLine::of).toList());
    }

    @GET
    @Path("/{task}")
    @Operation(summary = "Show a task with all its settings")
    @APIResponse(responseCode = "404", description = "There is no such task")
    public TaskView show(@PathParam("task") String name) {
        return view(find(tasks, name));
    }

    static TaskDefinition find(TaskStore tasks, String name) {
        return tasks.find(new TaskName(name))
                .orElseThrow(
                        () ->
                                new CoordinatorException(
                                        Code.UNKNOWN_TASK, "there is no task " + name));
    }

    private static TaskView view(TaskDefinition task) {
        return new TaskView(task.toJson());
    }
}
