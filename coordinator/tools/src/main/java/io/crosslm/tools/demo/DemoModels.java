package io.crosslm.tools.demo;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.llm.source.FetchListener;
import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/** The models that the demo itself needs, beside those of its processes. */
final class DemoModels {
    private static final long MAXIMUM_PACKAGE_BYTES = 1L << 30;
    private static final int DEFAULT_EPOCHS = 200;
    private static final double DEFAULT_THRESHOLD = 0.8;

    private DemoModels() {}

    /** Fetches the language model before the coordinator starts, so that the wait can be seen. */
    static Path fetch(String nameOrPath, Progress progress) {
        Path file =
                ModelCatalogue.standard(System.getenv())
                        .fetch(
                                nameOrPath,
                                ModelCatalogue.defaultCache(System.getenv()),
                                new FetchProgress(progress));
        progress.say("language model " + file);
        return file;
    }

    private record FetchProgress(Progress progress) implements FetchListener {
        @Override
        public void trying(String source) {
            progress.say("fetching the language model from " + source);
        }

        @Override
        public void received(long bytes, long bytesInAll) {
            progress.show("  " + bytes / 1_000_000 + " of " + bytesInAll / 1_000_000 + " MB");
        }

        @Override
        public void failed(String source, String reason) {
            progress.say("  that did not work: " + reason);
        }
    }

    /** Accuracies by source of labels: each device's small model, trained here on its engine. */
    static Map<String, double[]> ablate(
            DemoSettings settings, Splits splits, List<Ablation.Opinions> samples) {
        Map<String, double[]> rows = new LinkedHashMap<>();
        for (FleetModel model : settings.models()) {
            IntPredicate has = device -> settings.model(device).equals(model);
            merge(ablate(settings, splits, samples, model, has), has, rows);
        }
        return rows;
    }

    /** Takes the values of the devices that a predicate names. */
    static void merge(
            Map<String, double[]> values, IntPredicate devices, Map<String, double[]> rows) {
        values.forEach(
                (row, ofAll) -> {
                    double[] merged = rows.computeIfAbsent(row, name -> new double[ofAll.length]);
                    for (int i = 0; i < ofAll.length; i++) {
                        if (devices.test(i)) {
                            merged[i] = ofAll[i];
                        }
                    }
                });
    }

    private static Map<String, double[]> ablate(
            DemoSettings settings,
            Splits splits,
            List<Ablation.Opinions> samples,
            FleetModel fleetModel,
            IntPredicate devices) {
        Path zip = settings.work().resolve("ablation-" + fleetModel.name() + ".slm.zip");
        Path folder = settings.work().resolve("ablation-" + fleetModel.name());
        try {
            fleetModel.build(settings.task().labels(), zip);
            PackageArchive.unpack(zip, folder, MAXIMUM_PACKAGE_BYTES);
            Files.delete(zip);
        } catch (IOException e) {
            throw new ToolException(
                    ToolException.Code.STORAGE, "cannot unpack the package into " + folder, e);
        }
        TrainingSettings training =
                new TrainingSettings(
                        settings.task().setting("poolWeight", TrainingSettings.DEFAULT_POOL_WEIGHT),
                        (int) settings.task().setting("trainingEpochs", DEFAULT_EPOCHS),
                        1);
        try (LocalModel model = fleetModel.open().open(folder)) {
            double threshold = settings.task().setting("poolThreshold", DEFAULT_THRESHOLD);
            return new Ablation(model, training, threshold)
                    .run(splits, devices, samples, settings.rounds());
        }
    }
}
