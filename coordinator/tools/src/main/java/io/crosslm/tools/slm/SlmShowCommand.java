package io.crosslm.tools.slm;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.slm.encoder.Pooling;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmPackageBuilder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code crosslm slm show}: what a package holds, and whether its files are the manifest's. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = {
            "Shows a package's labels, mode, graphs, trained parameters and files, and compares"
                    + " every file with the size and SHA-256 that the manifest names.",
            "Exit status 1 if a file differs."
        },
        footer = {"", "Examples:", "  crosslm slm show shop.slm.zip"})
final class SlmShowCommand implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "a package, as slm build writes it")
    private Path file = Path.of("");

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("The command was not made by picocli");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (PackageFile found = PackageFile.open(file)) {
            line(out, "file", "%s, %,d bytes", file, found.bytes());
            line(out, "SHA-256", "%s", found.sha256());
            boolean right = print(found, out);
            out.flush();
            return right ? 0 : 1;
        }
    }

    private static boolean print(PackageFile found, PrintWriter out) {
        line(out, "format", "%s, version %s", found.text("format"), found.text("version"));
        String engine = found.text("engine");
        // Packages from before there were two engines have no such member.
        line(out, "engine", "%s", engine.equals("?") ? SlmPackageBuilder.ENGINE : engine);
        line(out, "encoder", "%s, licence %s", found.text("name"), found.text("licence"));
        List<String> labels = found.texts("labels");
        line(out, "labels", "%d: %s", labels.size(), String.join(", ", labels));
        if (engine.equals(LightPackageBuilder.ENGINE)) {
            line(out, "features", "%s", members(found.part("features")));
        } else {
            printEncoder(found, out);
        }
        line(out, "training", "%s", members(found.part("training")));
        return printFiles(found, out);
    }

    private static void printEncoder(PackageFile found, PrintWriter out) {
        line(out, "mode", "%s", found.text("mode"));
        line(
                out,
                "inputs",
                "%s; at most %s tokens of a text",
                String.join(", ", found.texts("tokenInputs")),
                found.text("maxTokens"));
        line(
                out,
                "embedding",
                "%s numbers, pooled by %s%s",
                found.text("embeddingSize"),
                // Packages from before there were two have no such member.
                found.text("pooling").equals("?") ? Pooling.MEAN.word() : found.text("pooling"),
                found.text("normalisedEmbedding").equals("true") ? ", of length 1" : "");
        line(out, "opset", "%s", found.text("opset"));
        line(out, "trained", "%s", found.trained());
        line(out, "graphs", "%s", members(found.part("graphs")));
    }

    private static boolean printFiles(PackageFile found, PrintWriter out) {
        List<PackageFile.Entry> entries = found.entries();
        for (PackageFile.Entry entry : entries) {
            line(
                    out,
                    "",
                    "%-24s %,12d bytes  %s  %s",
                    entry.name(),
                    entry.bytes(),
                    entry.sha256(),
                    entry.verdict());
        }
        List<String> wrong =
                entries.stream()
                        .filter(entry -> !entry.verdict().equals(PackageFile.RIGHT))
                        .map(PackageFile.Entry::name)
                        .toList();
        line(
                out,
                "verified",
                "%s",
                wrong.isEmpty()
                        ? "yes, all " + entries.size() + " files are those of the manifest"
                        : "NO: " + String.join(", ", wrong) + "; fetch or build the package again");
        return wrong.isEmpty();
    }

    private static String members(JsonObject part) {
        return part.entrySet().stream()
                .map(member -> member.getKey() + " " + shown(member))
                .collect(Collectors.joining(", "));
    }

    private static String shown(Map.Entry<String, JsonElement> member) {
        return member.getValue().isJsonPrimitive()
                ? member.getValue().getAsString()
                : member.getValue().toString();
    }

    /** Prints a line; a package comes from outside, so that no control character gets through. */
    private static void line(PrintWriter out, String name, String format, Object... values) {
        String text = String.format(Locale.ROOT, format, values);
        out.printf("%-10s %s%n", name, text.replaceAll("\\p{Cntrl}", "?"));
    }
}
