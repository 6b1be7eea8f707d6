package io.crosslm.tools.model;

import com.google.gson.JsonObject;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.evaluation.Estimate;
import io.crosslm.llm.evaluation.FrontierDivergence;
import io.crosslm.llm.evaluation.GeneratedTexts;
import io.crosslm.llm.evaluation.LabelledText;
import io.crosslm.slm.encoder.EmbeddingClassifier;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.encoder.SentenceEncoder;
import io.crosslm.tools.ToolException;
import java.util.List;
import java.util.Objects;

/** Texts that a model wrote: diversity, perplexity, label fidelity, likeness to real ones. */
final class GeneratedEvaluation {
    private static final int THREADS = 2;
    private static final long SEED = 1;

    private final List<LabelledText> written;
    private final List<String> real;
    private final List<LabelledText> judgeTexts;
    private final EvaluateTable table;
    private final JsonObject figures = new JsonObject();

    /**
     * Prepares a measurement.
     *
     * @param real texts to be like; none if it is not measured
     * @param judgeTexts labelled texts that train the judge; none if fidelity is not measured
     */
    GeneratedEvaluation(
            List<LabelledText> written,
            List<String> real,
            List<LabelledText> judgeTexts,
            EvaluateTable table) {
        this.written = written;
        this.real = real;
        this.judgeTexts = judgeTexts;
        this.table = table;
        if (written.size() < 2 || real.size() == 1) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA, "expected two texts at least to compare");
        }
        if (!judgeTexts.isEmpty()) {
            List<String> known = labels();
            for (LabelledText text : written) {
                if (text.label() == null || !known.contains(text.label())) {
                    throw new ToolException(
                            ToolException.Code.BAD_DATA,
                            "expected that every generated text has a label of those of the judge's"
                                    + " texts, "
                                    + known);
                }
            }
        }
    }

    private List<String> labels() {
        return judgeTexts.stream().map(GeneratedEvaluation::label).distinct().sorted().toList();
    }

    private static String label(LabelledText text) {
        if (text.label() == null) {
            throw new ToolException(
                    ToolException.Code.BAD_DATA, "expected a label at every text of the judge");
        }
        return text.label();
    }

    JsonObject run(Measured measured) {
        List<String> texts = written.stream().map(LabelledText::text).toList();
        GeneratedTexts generated = GeneratedTexts.of(texts);
        table.head("generated");
        for (int n = 1; n <= 3; n++) {
            String name = "distinct-" + n;
            generated.distinct(n).ifPresent(share -> print(name, new Estimate(share, 0)));
        }
        print("self-BLEU", generated.selfBleu());
        if (!real.isEmpty() || !judgeTexts.isEmpty()) {
            try (SentenceEncoder encoder = SentenceEncoder.open(EncoderSource.miniLm(), THREADS)) {
                if (!judgeTexts.isEmpty()) {
                    print("label fidelity", fidelity(generated, encoder));
                }
                if (!real.isEmpty()) {
                    print(
                            "likeness",
                            FrontierDivergence.of(encoder.embed(texts), encoder.embed(real), SEED));
                }
            }
        }
        print(
                "perplexity",
                generated.perplexity(
                        measured.model(),
                        Adapter.none(),
                        (done, all) -> measured.progress().show("perplexity", done, all)));
        return figures;
    }

    private Estimate fidelity(GeneratedTexts generated, SentenceEncoder encoder) {
        List<String> labels = labels();
        EmbeddingClassifier judge =
                EmbeddingClassifier.train(
                        encoder.embed(judgeTexts.stream().map(LabelledText::text).toList()),
                        indices(judgeTexts, labels),
                        labels.size(),
                        EmbeddingClassifier.DEFAULT_STRENGTH);
        return generated.labelFidelity(
                indices(written, labels), texts -> judge.predict(encoder.embed(texts)));
    }

    private static int[] indices(List<LabelledText> texts, List<String> labels) {
        return texts.stream()
                .mapToInt(text -> labels.indexOf(Objects.requireNonNull(text.label())))
                .toArray();
    }

    private void print(String metric, Estimate value) {
        figures.add(
                metric,
                table.row(
                        new String[] {
                            "", metric.equals("perplexity") ? Measured.UNTUNED : "-", metric
                        },
                        value,
                        written.size(),
                        null));
    }
}
