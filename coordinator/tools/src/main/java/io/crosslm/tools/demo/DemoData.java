package io.crosslm.tools.demo;

import io.crosslm.agent.ExampleFile;
import io.crosslm.edge.data.Example;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds and reads a demo's labelled texts. */
final class DemoData {
    private static final List<String> ENDINGS = List.of(".jsonl", ".jsonl.gz", ".csv", ".csv.gz");

    /** Where a data folder may hold general passages. */
    static final String GENERAL = "general/lambada_openai.jsonl.gz";

    private DemoData() {}

    /** The data folder's general passages; null where it has none. */
    static @Nullable Path general(@Nullable Path folder) {
        Path file = folder == null ? null : folder.resolve(GENERAL);
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    /** Reads the task's files and draws who holds what. */
    static Splits splits(DemoSettings settings) {
        DemoTask task = settings.task();
        List<Example> train;
        List<Example> test;
        if (settings.data() == null && task.name().equals(DemoTask.DEFAULT)) {
            Path own = ownData(settings.work());
            train = ExampleFile.of(own).where("split", "train").read(task.labels());
            test = ExampleFile.of(own).where("split", "test").read(task.labels());
        } else {
            train = read(task, settings.data(), "train");
            test = read(task, settings.data(), "test");
        }
        Splits.Sizes sizes =
                new Splits.Sizes(
                        settings.agents(),
                        settings.examples(),
                        Math.max(1, settings.examples() / 2));
        return Splits.draw(train, test, task.exemplars(), sizes, settings.seed());
    }

    private static Path ownData(Path work) {
        Path file = work.resolve("repair-shop.jsonl");
        try {
            return Files.writeString(file, DemoTask.resource("data/repair-shop.jsonl"));
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.STORAGE,
                    "cannot write " + file + "; is the disk full? Give another folder with --work",
                    e);
        }
    }

    private static List<Example> read(DemoTask task, @Nullable Path folder, String part) {
        if (folder == null) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA,
                    "the task "
                            + task.name()
                            + " has no data of its own; name its folder: --data DIR");
        }
        return ExampleFile.of(find(task, folder, part))
                .renamed(task.labelNames())
                .read(task.labels());
    }

    private static Path find(DemoTask task, Path folder, String part) {
        String named = task.dataFile(part);
        if (named != null) {
            return folder.resolve(named);
        }
        for (String ending : ENDINGS) {
            Path file = folder.resolve(task.name() + "." + part + ending);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new ToolException(
                ToolException.Code.BAD_DATA,
                "there is no "
                        + task.name()
                        + "."
                        + part
                        + " with one of the endings "
                        + String.join(", ", ENDINGS)
                        + " in "
                        + folder
                        + "; the task file may name another file (docs/ref-task-file.md)");
    }
}
