package io.crosslm.tools.demo;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.edge.data.Example;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The demo's processes: one coordinator and its devices, in a work folder. */
final class DemoFleet implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    private static final long POLL_MILLIS = 200;

    private final Path work;
    private final Processes processes;

    DemoFleet(Path home, Path work) {
        this.work = work;
        try {
            Files.createDirectories(work.resolve("logs"));
        } catch (IOException e) {
            throw cannotWrite(work.resolve("logs"), e);
        }
        this.processes = new Processes(home, work.resolve("logs"));
    }

    Processes processes() {
        return processes;
    }

    Path coordinatorFolder() {
        return work.resolve("coordinator");
    }

    /** Starts the coordinator on free ports and waits until it answers. */
    CoordinatorApi startCoordinator(String model, DemoSettings settings) {
        List<String> options = new ArrayList<>(List.of("--port", "0", "--mqtt-port", "0"));
        if (settings.tls()) {
            options.addAll(List.of("--tls", "on"));
        }
        if (settings.dataType() != null) {
            options.addAll(List.of("--data-type", settings.dataType()));
        }
        if (settings.general() != null) {
            options.addAll(List.of("--general", settings.general().toAbsolutePath().toString()));
        }
        if (settings.fleet().stream().anyMatch(one -> one.encoder().equals(FleetModel.BGE))) {
            String key = "crosslm.slm.encoders." + FleetModel.BGE;
            options.addAll(List.of("-D", key + ".path=" + FleetModel.bge()));
            options.addAll(List.of("-D", key + ".licence=" + FleetModel.BGE_LICENCE));
        }
        return startCoordinator(model, options);
    }

    /**
     * Starts the coordinator, or starts it again, and waits until it answers.
     *
     * @param options of {@code crosslm serve}, ports among them
     */
    CoordinatorApi startCoordinator(String model, List<String> options) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "serve",
                                "--data",
                                coordinatorFolder().toString(),
                                "--model",
                                model));
        arguments.addAll(options);
        Path endpoints = coordinatorFolder().resolve("endpoints.json");
        try {
            Files.deleteIfExists(endpoints);
        } catch (IOException e) {
            throw cannotWrite(endpoints, e);
        }
        processes.start("coordinator", arguments, Map.of());
        waitFor(() -> Files.exists(endpoints), () -> "the coordinator did not become ready");
        try {
            JsonObject addresses =
                    JsonParser.parseString(Files.readString(endpoints)).getAsJsonObject();
            return new CoordinatorApi(
                    URI.create(addresses.get("http").getAsString()),
                    Files.readString(coordinatorFolder().resolve("admin-token")).trim(),
                    Optional.ofNullable(addresses.get("ca")).map(ca -> Path.of(ca.getAsString())));
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.PROCESS, "cannot read what the coordinator wrote", e);
        }
    }

    /**
     * Starts one agent for each silo, and waits until all are online. Returns device ids by name.
     *
     * @param models that the agents get in turn
     */
    Map<String, String> startAgents(
            CoordinatorApi api, DemoTask task, Splits splits, List<FleetModel> models) {
        Iterator<FleetModel> dealt = Stream.generate(models::stream).flatMap(all -> all).iterator();
        splits.silos()
                .forEach(
                        (name, silo) -> {
                            writeAgent(api, task, name, silo, splits.test(), dealt.next());
                            startAgent(name);
                        });
        return awaitOnline(api, splits.silos().keySet());
    }

    /** Starts an agent whose configuration is written, or starts it again. */
    void startAgent(String name) {
        processes.start(
                name,
                List.of(
                        "agent",
                        "--config",
                        deviceFolder(name).resolve("agent.properties").toString()),
                Map.of());
    }

    /**
     * Waits until devices of these names are online. Returns device ids by name, in the names'
     * order.
     */
    Map<String, String> awaitOnline(CoordinatorApi api, Set<String> names) {
        Map<String, String> ids = new HashMap<>();
        waitFor(
                () -> {
                    ids.clear();
                    for (String[] device : api.devices()) {
                        if (Boolean.parseBoolean(device[2])) {
                            ids.put(device[0], device[1]);
                        }
                    }
                    return ids.keySet().containsAll(names);
                },
                () -> "not all devices came online, only " + ids.keySet());
        Map<String, String> ordered = new LinkedHashMap<>();
        names.forEach(name -> ordered.put(name, ids.getOrDefault(name, "")));
        return ordered;
    }

    /** Folder in which a device keeps its journal and ledger. */
    Path deviceFolder(String name) {
        return work.resolve(name);
    }

    private void writeAgent(
            CoordinatorApi api,
            DemoTask task,
            String name,
            Splits.Silo silo,
            List<Example> test,
            FleetModel model) {
        Path folder = deviceFolder(name);
        Path config = folder.resolve("agent.properties");
        String key = "task." + task.name() + ".";
        Properties properties = new Properties();
        try {
            Files.createDirectories(folder);
            properties.setProperty("coordinator", api.base().toString());
            properties.setProperty("enrolment-code", api.enrolmentCode(name, task.name()));
            properties.setProperty("storage", folder.resolve("storage").toString());
            properties.setProperty("engine", model.engine());
            properties.setProperty(key + "model", model.name());
            properties.setProperty("threads", "1");
            properties.setProperty(key + "training", write(folder, "training", silo.training()));
            properties.setProperty(
                    key + "validation", write(folder, "validation", silo.validation()));
            properties.setProperty(key + "test", write(folder, "test", test));
            try (Writer writer = Files.newBufferedWriter(config)) {
                properties.store(writer, "Written by crosslm demo");
            }
        } catch (IOException e) {
            throw cannotWrite(folder, e);
        }
    }

    private static String write(Path folder, String name, List<Example> examples)
            throws IOException {
        Path file = folder.resolve(name + ".jsonl");
        try (Writer writer = Files.newBufferedWriter(file)) {
            for (Example example : examples) {
                JsonObject line = new JsonObject();
                line.addProperty("text", example.text());
                line.addProperty("label", example.label());
                writer.write(line + "\n");
            }
        }
        return file.toString();
    }

    /** Writes the labelled texts that measure the language model. */
    Path writeEvaluation(Splits splits) {
        Path file = work.resolve("evaluation.jsonl");
        try (Writer writer = Files.newBufferedWriter(file)) {
            append(writer, splits.languageModelTest(), "test");
            append(writer, splits.judge(), "judge");
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
        return file;
    }

    private static void append(Writer writer, List<Example> examples, String use)
            throws IOException {
        for (Example example : examples) {
            JsonObject line = new JsonObject();
            line.addProperty("text", example.text());
            line.addProperty("label", example.label());
            line.addProperty("use", use);
            writer.write(line + "\n");
        }
    }

    private void waitFor(BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            processes.check();
            if (System.nanoTime() > end) {
                throw new ToolException(
                        ToolException.Code.PROCESS,
                        otherwise.get()
                                + " within "
                                + START_LIMIT.toSeconds()
                                + " s; see the logs in "
                                + work.resolve("logs"));
            }
            pause();
        }
    }

    /** Waits a moment between two looks at the processes. */
    static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException(ToolException.Code.PROCESS, "interrupted", e);
        }
    }

    private static ToolException cannotWrite(Path where, IOException cause) {
        return new ToolException(
                ToolException.Code.STORAGE,
                "cannot write " + where + "; is the disk full? Give another folder with --work",
                cause);
    }

    @Override
    public void close() {
        processes.close();
    }
}
