package io.crosslm.cli;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.cli.CliException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Commands about tasks: what the models are to learn. */
@Command(
        name = "task",
        description = "Add, list and show tasks.",
        footer = {
            "",
            "Examples:",
            "  crosslm task add my-task.json",
            "  crosslm task show my-task --json"
        })
final class TaskCommand {
    private static final int MAX_FILE_BYTES = 4 << 20;

    @ParentCommand
    @SuppressWarnings("NullAway.Init")
    private CliCommand root;

    @Command(
            name = "add",
            description = "Add a task from its JSON file; adding the same file again does no harm.",
            footer = {
                "",
                "Examples:",
                "  crosslm task add my-task.json",
                "  crosslm task add my-task.json --coordinator https://10.0.0.5:8080"
            })
    int add(
            @Parameters(
                            paramLabel = "FILE",
                            description =
                                    "Labels, prompts and settings; see docs/ref-task-file.md.")
                    Path file) {
        String definition = read(root.resolve(file));
        Answer answer = root.coordinator().post(definition, "tasks");
        String name = answer.object().text("name");
        root.print(
                answer,
                "task "
                        + name
                        + " is there; invite a device to it with: crosslm device invite --task "
                        + name);
        return 0;
    }

    @Command(
            name = "list",
            description = "List all tasks.",
            footer = {
                "",
                "Examples:",
                "  crosslm task list",
                "  crosslm task list --json --token-file /var/lib/crosslm/admin-token"
            })
    int list() {
        Answer answer = root.coordinator().get("tasks");
        Table table = new Table("TASK", "LABELS", "DESCRIPTION");
        for (Fields task : answer.list("tasks")) {
            table.row(task.text("name"), task.text("labels"), task.text("description"));
        }
        root.print(
                answer,
                table.isEmpty()
                        ? "no tasks yet; add one with: crosslm task add FILE"
                        : table.toString());
        return 0;
    }

    @Command(
            name = "show",
            description = "Show a task with all its settings.",
            footer = {
                "",
                "Examples:",
                "  crosslm task show my-task",
                "  crosslm task show my-task --json"
            })
    int show(@Parameters(paramLabel = "NAME", description = "The task's name.") String name) {
        Answer answer = root.coordinator().get("tasks", name);
        root.print(answer, Outline.of(answer.object()));
        return 0;
    }

    /** The file's text, once it is known to be one JSON object; the coordinator checks the rest. */
    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw CliException.of(
                        Code.BAD_FILE,
                        file
                                + " is no task file: a task file has at most "
                                + MAX_FILE_BYTES
                                + " bytes. Private examples do not belong in it");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            if (!JsonParser.parseString(text).isJsonObject()) {
                throw CliException.of(
                        Code.BAD_FILE, file + " is no task file: expected one JSON object");
            }
            return text;
        } catch (NoSuchFileException e) {
            throw CliException.of(Code.BAD_FILE, "there is no file " + file);
        } catch (IOException e) {
            throw CliException.of(Code.BAD_FILE, "cannot read " + file + ": " + e);
        } catch (JsonParseException | StackOverflowError e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw CliException.of(
                    Code.BAD_FILE, file + " is not JSON: " + firstLine(cause.getMessage()));
        }
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "nested too deeply" : message.lines().findFirst().orElse("");
    }
}
