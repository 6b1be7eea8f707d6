package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.TuningJob;
import io.crosslm.llm.TuningSettings;
import io.crosslm.llm.format.ModelConfiguration;
import java.util.List;
import java.util.TreeSet;

/** Hashes of everything that the result of a tuning job depends on. */
final class TuningFingerprint {
    private TuningFingerprint() {}

    /**
     * What a model is and how it computes.
     *
     * @param weights SHA-256 of each of its files
     */
    static String ofModel(
            List<String> weights, ModelConfiguration configuration, TorchSettings settings) {
        Fingerprint print = new Fingerprint();
        print.add(weights.size());
        weights.forEach(print::add);
        print.add(configuration.toString());
        print.add(settings.dataType().id());
        print.add(settings.device());
        // Sums of floating-point numbers depend on how many threads add them, and on the layout.
        print.add(TorchEngine.threads(settings));
        print.add(Boolean.toString(settings.packedLayers()));
        return print.end();
    }

    /**
     * A job of a model. Of its texts the ids count, so that another tokenizer makes another job.
     *
     * @param model {@link #ofModel}
     * @param data the job's texts as ids
     * @param starts ids that replay texts begin with
     */
    static String of(String model, TuningJob job, TuningData data, List<Integer> starts) {
        Fingerprint print = new Fingerprint();
        print.add(model);
        addSettings(print, job.settings());
        print.add(job.seed());
        print.add(job.replaySeed());
        print.add(starts.stream().mapToInt(id -> id).toArray());
        addData(print, data);
        addAdapter(print, job.start());
        return print.end();
    }

    private static void addSettings(Fingerprint print, TuningSettings settings) {
        print.add(settings.lora().rank());
        print.add(settings.lora().alpha());
        print.add(settings.lora().dropout());
        // A set's own order differs from one process to the next.
        print.add(new TreeSet<>(settings.lora().targets()).toString());
        print.add(settings.optimiser().toString());
        print.add(settings.preference().toString());
        print.add(settings.replay().toString());
        print.add(settings.passes());
        print.add(settings.pairsPerStep());
        print.add(settings.labelsPerStep());
        print.add(settings.labelWeight());
    }

    private static void addData(Fingerprint print, TuningData data) {
        print.add(data.kind().name());
        print.add(data.itemCount());
        for (int i = 0; i < data.itemCount(); i++) {
            addItem(print, data.item(i));
            if (data.isRated()) {
                print.add(data.rating(i).name());
            }
        }
        print.add(data.labelCount());
        for (int i = 0; i < data.labelCount(); i++) {
            addItem(print, data.label(i));
            data.softLabel(i).forEach(print::add);
        }
    }

    private static void addItem(Fingerprint print, Likelihoods.Item item) {
        print.add(item.context());
        print.add(item.branches().size());
        item.branches().forEach(print::add);
    }

    private static void addAdapter(Fingerprint print, Adapter adapter) {
        print.add(adapter.rank());
        print.add(adapter.alpha());
        for (String layer : new TreeSet<>(adapter.layers())) {
            print.add(layer);
            print.add(adapter.matrices(layer).a());
            print.add(adapter.matrices(layer).b());
        }
    }
}
