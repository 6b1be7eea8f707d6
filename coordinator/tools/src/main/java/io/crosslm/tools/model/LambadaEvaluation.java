package io.crosslm.tools.model;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.Estimate;
import io.crosslm.llm.evaluation.LastWords;
import java.io.PrintWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The last words of passages: negative log-likelihood, accuracy and what adapters changed. */
final class LambadaEvaluation {
    private LambadaEvaluation() {}

    static JsonObject run(LastWords passages, Measured measured) {
        PrintWriter out = measured.out();
        out.printf("%d passages%n%n", passages.size());
        out.printf("%-28s %14s %9s %19s %8s%n", "", "NLL", "accuracy", "change of NLL", "");
        JsonObject all = new JsonObject();
        LastWords.Result untuned = passages.evaluate(measured.model(), Adapter.none());
        all.add(Measured.UNTUNED, print(out, Measured.UNTUNED, untuned, null));
        measured.adapters()
                .forEach(
                        (name, adapter) ->
                                all.add(
                                        name,
                                        print(
                                                out,
                                                name,
                                                passages.evaluate(measured.model(), adapter),
                                                untuned)));
        return all;
    }

    private static JsonObject print(
            PrintWriter out,
            String name,
            LastWords.Result result,
            LastWords.@Nullable Result untuned) {
        Estimate nll = result.negativeLogLikelihood();
        JsonObject figures = new JsonObject();
        figures.addProperty("nll", nll.mean());
        figures.addProperty("nllStandardError", nll.standardError());
        figures.addProperty("accuracy", result.accuracy());
        String change = "";
        if (untuned != null) {
            Estimate difference = result.minus(untuned);
            double share = difference.mean() / untuned.negativeLogLikelihood().mean();
            figures.addProperty("change", difference.mean());
            figures.addProperty("changeStandardError", difference.standardError());
            figures.addProperty("relativeChange", share);
            change =
                    String.format(
                            Locale.ROOT,
                            "%+8.4f +- %.4f  %+6.2f %%",
                            difference.mean(),
                            difference.standardError(),
                            100 * share);
        }
        String label = EvaluateTable.shortened(name, 28);
        out.printf(
                Locale.ROOT,
                "%-28s %6.4f +- %.3f %7.1f %% %s%n",
                label,
                nll.mean(),
                nll.standardError(),
                100 * result.accuracy(),
                change);
        out.flush();
        return figures;
    }
}
