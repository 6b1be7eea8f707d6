package io.crosslm.edge.internal;

import com.google.gson.JsonObject;
import io.crosslm.edge.model.LabelledText;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.PairedComparison;
import io.crosslm.protocol.wire.Accuracy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * How a model does on labelled texts.
 *
 * @param right whether its label is the right one, for each text
 * @param loss mean negative log-likelihood in nats; 0 without texts
 * @param macroF1 mean F1 of the labels that a text has or that the model chose; 0 without texts
 */
record Evaluation(List<Boolean> right, double loss, double macroF1) {
    /** A probability of 0 would make the loss infinite. */
    private static final double LEAST_PROBABILITY = 1e-7;

    private static final int TEXTS_AT_ONCE = 64;

    Evaluation {
        right = List.copyOf(right);
    }

    static Evaluation of(LocalModel model, List<LabelledText> texts) {
        return of(model, texts, () -> true);
    }

    /**
     * The same of a model whose state is kept elsewhere: little is lost.
     *
     * @param wanted asked every {@value #TEXTS_AT_ONCE} texts
     * @throws ModelException CANCELLED if it is not
     */
    static Evaluation of(LocalModel model, List<LabelledText> texts, BooleanSupplier wanted) {
        int labels = model.labels().size();
        List<float[]> all = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += TEXTS_AT_ONCE) {
            if (!wanted.getAsBoolean()) {
                throw new ModelException(
                        ModelException.Code.CANCELLED, "Cancelled after " + from + " texts");
            }
            List<String> inputs = new ArrayList<>();
            for (LabelledText text :
                    texts.subList(from, Math.min(texts.size(), from + TEXTS_AT_ONCE))) {
                inputs.add(text.text());
            }
            Collections.addAll(all, model.score(inputs));
        }
        float[][] scores = all.toArray(new float[0][]);
        int[][] confusion = new int[labels][labels];
        List<Boolean> right = new ArrayList<>(texts.size());
        double loss = 0;
        for (int i = 0; i < texts.size(); i++) {
            int truth = texts.get(i).label();
            int chosen = best(scores[i]);
            confusion[truth][chosen]++;
            right.add(truth == chosen);
            loss -= Math.log(Math.max(LEAST_PROBABILITY, scores[i][truth]));
        }
        int total = texts.size();
        return new Evaluation(
                right, total == 0 ? 0 : Math.max(0, loss / total), macroF1(confusion));
    }

    /** The most likely label; the lower one of two alike. */
    static int best(float[] distribution) {
        int best = 0;
        for (int label = 1; label < distribution.length; label++) {
            best = distribution[label] > distribution[best] ? label : best;
        }
        return best;
    }

    int correct() {
        return (int) right.stream().filter(r -> r).count();
    }

    int total() {
        return right.size();
    }

    /** Whether another, on the same texts, is not better by more than chance. */
    boolean isNotWorseThan(Evaluation other) {
        return !PairedComparison.of(other.right, right).isWorse();
    }

    /** The same evaluation on some of the texts; loss and F1 stay those of all. */
    Evaluation at(List<Integer> indexes) {
        List<Boolean> some = new ArrayList<>(indexes.size());
        for (int index : indexes) {
            some.add(right.get(index));
        }
        return new Evaluation(some, loss, macroF1);
    }

    Accuracy toWire() {
        return Accuracy.newBuilder().setCorrect(correct()).setTotal(total()).build();
    }

    JsonObject toJson() {
        JsonObject json = new JsonObject();
        StringBuilder bits = new StringBuilder(right.size());
        for (boolean r : right) {
            bits.append(r ? '1' : '0');
        }
        json.addProperty("right", bits.toString());
        json.addProperty("loss", loss);
        json.addProperty("macroF1", macroF1);
        return json;
    }

    static Evaluation fromJson(JsonObject json) {
        List<Boolean> right = new ArrayList<>();
        for (char bit : json.get("right").getAsString().toCharArray()) {
            right.add(bit == '1');
        }
        return new Evaluation(
                right, json.get("loss").getAsDouble(), json.get("macroF1").getAsDouble());
    }

    private static double macroF1(int[][] confusion) {
        double sum = 0;
        int seen = 0;
        for (int label = 0; label < confusion.length; label++) {
            int truths = 0;
            int choices = 0;
            for (int other = 0; other < confusion.length; other++) {
                truths += confusion[label][other];
                choices += confusion[other][label];
            }
            if (truths + choices > 0) {
                sum += 2.0 * confusion[label][label] / (truths + choices);
                seen++;
            }
        }
        return seen == 0 ? 0 : sum / seen;
    }
}
