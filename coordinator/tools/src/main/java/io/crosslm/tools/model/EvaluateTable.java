package io.crosslm.tools.model;

import com.google.gson.JsonObject;
import io.crosslm.llm.evaluation.Estimate;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints rows of what, metric, value and change, and makes their JSON. */
final class EvaluateTable {
    private static final String FORMAT = "%-16s %-22s %-12s %20s %8s %22s%n";
    private static final int LABEL = 22;

    private final PrintWriter out;

    EvaluateTable(PrintWriter out) {
        this.out = out;
    }

    /** Prints the columns' names. */
    void head(String first) {
        out.printf(FORMAT, first, "model", "metric", "value", "items", "change");
    }

    /**
     * Prints a row.
     *
     * @param names of the first column, the model and the metric; accuracies are shown in per cent
     * @param change null where there is nothing to compare with
     * @return value, standardError, and change with its own where there is one
     */
    JsonObject row(String[] names, Estimate value, int items, @Nullable Estimate change) {
        String metric = names[2];
        double scale =
                metric.startsWith("acc")
                                || metric.equals("macro-F1")
                                || metric.equals("label fidelity")
                        ? 100
                        : 1;
        out.printf(
                FORMAT,
                shortened(names[0], 16),
                shortened(names[1], LABEL),
                metric,
                cell("%.2f +- %.2f", "%.4f +- %.4f", value, scale),
                items,
                change == null ? "" : cell("%+.2f +- %.2f", "%+.4f +- %.4f", change, scale));
        out.flush();
        JsonObject figures = new JsonObject();
        figures.addProperty("value", value.mean());
        figures.addProperty("standardError", value.standardError());
        figures.addProperty("items", items);
        if (change != null) {
            figures.addProperty("change", change.mean());
            figures.addProperty("changeStandardError", change.standardError());
        }
        return figures;
    }

    private static String cell(String perCent, String plain, Estimate value, double scale) {
        String format = scale == 100 ? perCent + " %%" : plain;
        return String.format(
                Locale.ROOT, format, scale * value.mean(), scale * value.standardError());
    }

    static String shortened(String text, int length) {
        return text.length() <= length ? text : "..." + text.substring(text.length() - length + 3);
    }
}
