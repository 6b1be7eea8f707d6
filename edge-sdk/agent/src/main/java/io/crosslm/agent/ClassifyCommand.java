package io.crosslm.agent;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.crosslm.agent.AgentConfig.TaskFiles;
import io.crosslm.edge.Classification;
import io.crosslm.edge.EdgeClient;
import io.crosslm.edge.SecretStore;
import io.crosslm.edge.data.ExampleSource;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.protocol.TaskName;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/**
 * Labels texts with the model in an agent's storage directory, without a network. Exit status: 0
 * all texts have a label, 1 there is no model or the directory is in use, 2 wrong usage or config
 * file.
 */
@Command(
        name = "classify",
        sortOptions = false,
        description =
                "Labels texts with the model that the agent of a config file has learned: those of"
                        + " the command line, or each line of standard input. Prints a line for"
                        + " each: label, tab, probability; a blank one for a blank text. Needs no network; the agent must not run"
                        + " meanwhile. Exit status: 0 every text has a label, 1 there is no model"
                        + " yet or the agent runs, 2 wrong usage or config file.",
        footer = {
            "",
            "Examples:",
            "  crosslm agent classify --config agent.properties 'When can I bring it in?'",
            "  crosslm agent classify --config agent.properties --json < messages.txt"
        })
final class ClassifyCommand extends ConfiguredCommand {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    @Option(
            names = "--task",
            paramLabel = "NAME",
            description = "Whose model; needed if the config file names several tasks.")
    private @Nullable String task;

    @Option(
            names = "--json",
            description = "Print a JSON object for each text: label, probability, model.")
    private boolean json;

    @Parameters(paramLabel = "TEXT", arity = "0..*")
    private final List<String> texts = new ArrayList<>();

    @Override
    int run(AgentConfig config) {
        String name = chosen(config).value();
        ModelEngine engine = Engines.named(config.engine(), config.resources().threads());
        try (EdgeClient client =
                EdgeClient.builder(SecretStore.in(config.storage()))
                        .storage(config.storage())
                        .task(name, ExampleSource.none(), engine)
                        .build()) {
            classify(client, name);
        }
        return AgentCommand.OK;
    }

    private TaskName chosen(AgentConfig config) {
        List<TaskName> names = config.tasks().stream().map(TaskFiles::task).toList();
        if (task == null && names.size() == 1) {
            return names.get(0);
        }
        return names.stream()
                .filter(name -> name.value().equals(task))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ParameterException(
                                        spec().commandLine(),
                                        "expected --task with one of "
                                                + names
                                                + ", but it is "
                                                + (task == null ? "not there" : task)));
    }

    private void classify(EdgeClient client, String name) {
        for (String text : texts) {
            classify(client, name, text);
        }
        if (!texts.isEmpty()) {
            return;
        }
        try (TextLines lines = TextLines.of(System.in, "standard input")) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                classify(client, name, line);
            }
        }
    }

    /** A line for each: a blank text has no label, and its line is empty. */
    private void classify(EdgeClient client, String name, String text) {
        if (text.isBlank()) {
            print("");
        } else {
            print(client.classify(name, text));
        }
    }

    private void print(Classification said) {
        if (json) {
            JsonObject object = new JsonObject();
            object.addProperty("label", said.label());
            object.addProperty("probability", said.probability());
            object.addProperty("model", said.modelVersion());
            print(GSON.toJson(object));
        } else {
            print(String.format(Locale.ROOT, "%s\t%.2f", said.label(), said.probability()));
        }
    }
}
