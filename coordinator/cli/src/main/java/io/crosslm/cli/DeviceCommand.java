package io.crosslm.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Commands about devices: who takes part. */
@Command(
        name = "device",
        description = "Invite, list, show, revoke and forget devices.",
        footer = {
            "",
            "Examples:",
            "  crosslm device invite --task my-task --name clinic-7",
            "  crosslm device list"
        })
final class DeviceCommand {
    private static final String DEFAULT_MINUTES = "60";

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private CliCommand root;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Command(
            name = "invite",
            description = "Make a code with which one device enrols, once.",
            footer = {
                "",
                "Examples:",
                "  crosslm device invite --task my-task",
                "  crosslm device invite --task trec --task sst2 --name clinic-7 --minutes 1440"
            })
    int invite(
            @Option(
                            names = "--task",
                            required = true,
                            split = ",",
                            paramLabel = "T",
                            description = "A task the device works on; may be repeated.")
                    List<String> tasks,
            @Option(
                            names = "--name",
                            paramLabel = "N",
                            description = "What to call the device in lists.")
                    @Nullable String name,
            @Option(
                            names = "--minutes",
                            paramLabel = "M",
                            defaultValue = DEFAULT_MINUTES,
                            description = "How long the code is valid (default ${DEFAULT-VALUE}).")
                    int minutes) {
        if (minutes < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--minutes must be at least 1, but is " + minutes);
        }
        JsonObject body = new JsonObject();
        if (name != null) {
            body.addProperty("name", name);
        }
        JsonArray list = new JsonArray();
        tasks.forEach(list::add);
        body.add("tasks", list);
        body.addProperty("ttlSeconds", Duration.ofMinutes(minutes).toSeconds());
        Answer answer = root.coordinator().post(body.toString(), "enrolment-codes");
        root.print(
                answer,
                "enrolment code (valid once, for "
                        + minutes
                        + " minutes), as a line of the agent's configuration:\n"
                        + "enrolment-code="
                        + answer.object().text("code"));
        return 0;
    }

    @Command(
            name = "list",
            description = "List all devices.",
            footer = {"", "Examples:", "  crosslm device list", "  crosslm device list --json"})
    int list() {
        Answer answer = root.coordinator().get("devices");
        Table table = new Table("DEVICE", "NAME", "TASKS", "STATE", "ENROLLED");
        for (Fields device : answer.list("devices")) {
            table.row(
                    device.text("deviceId", "id"),
                    device.text("name"),
                    device.text("tasks"),
                    state(device),
                    device.time("enrolledAt"));
        }
        root.print(
                answer,
                table.isEmpty()
                        ? "no devices yet; invite one with: crosslm device invite --task TASK"
                        : table.toString());
        return 0;
    }

    @Command(
            name = "show",
            description = "Show all that the coordinator knows about a device.",
            footer = {
                "",
                "Examples:",
                "  crosslm device show 3f9c0a41",
                "  crosslm device show 3f9c0a41 --json"
            })
    int show(@Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        Answer answer = root.coordinator().get("devices", id);
        root.print(answer, Outline.of(answer.object()));
        return 0;
    }

    @Command(
            name = "revoke",
            description = {
                "Take a device out for good: its session ends, its token is worth nothing.",
                "It can come back with a new invitation only."
            },
            footer = {
                "",
                "Examples:",
                "  crosslm device revoke 3f9c0a41",
                "  crosslm device revoke 3f9c0a41 --coordinator https://10.0.0.5:8080"
            })
    int revoke(@Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        Answer answer = root.coordinator().delete("devices", id);
        root.print(answer, "device " + id + " is revoked");
        return 0;
    }

    @Command(
            name = "forget",
            description = {
                "Delete all reports of a revoked device, and what rounds say of it.",
                "Labels and adapters that many devices made together stay."
            },
            footer = {
                "",
                "Examples:",
                "  crosslm device forget 3f9c0a41",
                "  crosslm device forget 3f9c0a41 --coordinator https://10.0.0.5:8080"
            })
    int forget(@Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        Answer answer = root.coordinator().delete("devices", id, "reports");
        root.print(answer, "the reports of device " + id + " are deleted");
        return 0;
    }

    private static String state(Fields device) {
        if (device.has("revokedAt") || device.text("revoked").equals("true")) {
            return "revoked";
        }
        if (device.has("online")) {
            return device.text("online").equals("true") ? "online" : "offline";
        }
        return device.text("state");
    }
}
