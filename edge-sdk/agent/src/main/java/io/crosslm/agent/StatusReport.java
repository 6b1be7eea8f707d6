package io.crosslm.agent;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.edge.DeviceStatus;
import io.crosslm.edge.DeviceStatus.ClientState;
import io.crosslm.edge.DeviceStatus.LinkState;
import io.crosslm.edge.DeviceStatus.Model;
import io.crosslm.edge.DeviceStatus.NotDone;
import io.crosslm.edge.DeviceStatus.Privacy;
import io.crosslm.edge.DeviceStatus.Round;
import io.crosslm.edge.DeviceStatus.Task;
import io.crosslm.edge.DeviceStatus.Traffic;
import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is shown of a device's status, for people and for programs. Immutable. */
final class StatusReport {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();
    private static final Traffic NONE = new Traffic(0, 0, 0);

    private final AgentConfig config;
    private final DeviceStatus status;

    StatusReport(AgentConfig config, DeviceStatus status) {
        this.config = config;
        this.status = status;
    }

    /** Lines for people. */
    String text() {
        List<String> lines = new ArrayList<>();
        URI coordinator = coordinator();
        lines.add(
                "device     "
                        + (status.device() == null ? "not enrolled" : status.device())
                        + (coordinator == null ? "" : ", coordinator " + coordinator));
        lines.add("agent      " + agent());
        lines.add("sent       " + traffic(status.delivered(), status.waiting()));
        for (Task task : tasks()) {
            lines.add("task " + task.name());
            lines.add("  round    " + round(task.round()));
            lines.add("  model    " + model(task.model()));
            lines.add("  sent     " + traffic(task.delivered(), task.waiting()));
            Privacy privacy = task.privacy();
            if (privacy != null) {
                lines.add("  privacy  " + privacy(privacy));
            }
            NotDone notDone = task.notDone();
            if (notDone != null) {
                lines.add(
                        "  not done round "
                                + notDone.round()
                                + " "
                                + notDone.step()
                                + ", "
                                + seconds(notDone.at())
                                + ": "
                                + notDone.reason().replaceAll("\\R", " "));
            }
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** One object for programs; docs/how-to-edge-agent.md lists the fields. */
    String json() {
        JsonObject json = new JsonObject();
        add(json, "device", status.device());
        add(json, "coordinator", coordinator());
        json.addProperty("running", status.client() == ClientState.RUNNING);
        json.addProperty("connected", status.link() == LinkState.CONNECTED);
        add(json, "lastContact", status.contact());
        json.add("delivered", json(status.delivered()));
        json.add("waiting", json(status.waiting()));
        JsonArray tasks = new JsonArray();
        tasks().forEach(task -> tasks.add(json(task)));
        json.add("tasks", tasks);
        return GSON.toJson(json);
    }

    /** Those of the directory, and those that the config has named since. */
    private List<Task> tasks() {
        List<Task> tasks = new ArrayList<>(status.tasks());
        for (TaskFiles files : config.tasks()) {
            if (status.tasks().stream().noneMatch(task -> task.name().equals(files.task()))) {
                tasks.add(new Task(files.task(), null, null, null, null, NONE, NONE));
            }
        }
        return tasks;
    }

    private @Nullable URI coordinator() {
        return config.coordinator().orElse(status.coordinator());
    }

    private String agent() {
        Instant contact = status.contact();
        String last = contact == null ? "" : "; last contact " + seconds(contact);
        if (status.client() == ClientState.NOT_RUNNING) {
            return "not running" + last;
        }
        return (status.link() == LinkState.CONNECTED
                        ? "running, connected"
                        : "running, not connected")
                + last;
    }

    private static String round(@Nullable Round round) {
        if (round == null) {
            return "none yet";
        }
        Instant deadline = round.deadline();
        String step =
                round.step() == null
                        ? "over"
                        : round.step() + (deadline == null ? "" : " until " + seconds(deadline));
        String reports =
                Stream.of(report("scores", round.scores()), report("training", round.training()))
                        .filter(report -> !report.isEmpty())
                        .collect(Collectors.joining(", "));
        return round.number() + " " + step + "; " + (reports.isEmpty() ? "no report" : reports);
    }

    private static String report(String name, @Nullable String status) {
        return status == null ? "" : name + " " + status;
    }

    private static String model(@Nullable Model model) {
        if (model == null) {
            return "none yet; the first round brings one";
        }
        String examples = model.examples() == 0 ? "" : ", " + model.examples() + " examples used";
        return model.version()
                + examples
                + "; "
                + model.validationCorrect()
                + " of "
                + model.validationExamples()
                + " validation examples right";
    }

    private static String privacy(Privacy privacy) {
        return String.format(
                Locale.ROOT,
                "epsilon %.3f of %.3f spent at delta %.1e, in %d %s",
                privacy.spent().epsilon(),
                privacy.limit().epsilon(),
                privacy.limit().delta(),
                privacy.queries(),
                privacy.queries() == 1 ? "payment" : "payments");
    }

    private static String traffic(Traffic delivered, Traffic waiting) {
        return delivered.reports()
                + " reports, "
                + delivered.bytes()
                + " bytes in "
                + delivered.messages()
                + " messages; waiting "
                + waiting.reports()
                + " reports, "
                + waiting.bytes()
                + " bytes";
    }

    private static JsonObject json(Task task) {
        JsonObject json = new JsonObject();
        json.addProperty("task", task.name().value());
        Round round = task.round();
        if (round != null) {
            JsonObject object = new JsonObject();
            object.addProperty("number", round.number().value());
            add(object, "step", round.step());
            add(object, "deadline", round.deadline());
            add(object, "scores", round.scores());
            add(object, "training", round.training());
            json.add("round", object);
        }
        Model model = task.model();
        if (model != null) {
            JsonObject object = new JsonObject();
            object.addProperty("version", model.version());
            object.addProperty("examples", model.examples());
            object.addProperty("validationCorrect", model.validationCorrect());
            object.addProperty("validationExamples", model.validationExamples());
            json.add("model", object);
        }
        Privacy privacy = task.privacy();
        if (privacy != null) {
            JsonObject object = new JsonObject();
            object.addProperty("epsilon", privacy.spent().epsilon());
            object.addProperty("epsilonLimit", privacy.limit().epsilon());
            object.addProperty("delta", privacy.limit().delta());
            object.addProperty("payments", privacy.queries());
            json.add("privacy", object);
        }
        NotDone notDone = task.notDone();
        if (notDone != null) {
            JsonObject object = new JsonObject();
            object.addProperty("round", notDone.round().value());
            object.addProperty("step", notDone.step());
            object.addProperty("at", notDone.at().toString());
            object.addProperty("reason", notDone.reason());
            json.add("notDone", object);
        }
        json.add("delivered", json(task.delivered()));
        json.add("waiting", json(task.waiting()));
        return json;
    }

    private static JsonObject json(Traffic traffic) {
        JsonObject json = new JsonObject();
        json.addProperty("reports", traffic.reports());
        json.addProperty("messages", traffic.messages());
        json.addProperty("bytes", traffic.bytes());
        return json;
    }

    private static void add(JsonObject json, String name, @Nullable Object value) {
        if (value != null) {
            json.addProperty(name, value.toString());
        }
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }
}
