package io.crosslm.tools.demo;

import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.edge.store.PackageArchive;
import io.crosslm.edge.tflite.TfliteEngine;
import io.crosslm.llm.source.FetchListener;
import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmPackageBuilder;
import io.crosslm.tools.ToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

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
        Map<String, Map<String, double[]>> byEngine = new LinkedHashMap<>();
        for (String engine : new LinkedHashSet<>(settings.engines())) {
            byEngine.put(engine, ablate(settings, splits, samples, engine));
        }
        return ofDevices(settings.engines(), byEngine);
    }

    /**
     * Takes of each device the value of its engine.
     *
     * @param engines of the devices, one after the other and again from the first
     * @param byEngine rows with a value for each device, as if all had that engine
     */
    static Map<String, double[]> ofDevices(
            List<String> engines, Map<String, Map<String, double[]>> byEngine) {
        Map<String, double[]> rows = new LinkedHashMap<>();
        byEngine.forEach(
                (engine, asIfAll) ->
                        asIfAll.forEach(
                                (row, values) -> {
                                    double[] merged =
                                            rows.computeIfAbsent(row, name -> values.clone());
                                    for (int i = 0; i < values.length; i++) {
                                        if (engines.get(i % engines.size()).equals(engine)) {
                                            merged[i] = values[i];
                                        }
                                    }
                                }));
        return rows;
    }

    private static Map<String, double[]> ablate(
            DemoSettings settings,
            Splits splits,
            List<Ablation.Opinions> samples,
            String engineName) {
        boolean light = engineName.equals(TfliteEngine.NAME);
        Path zip = settings.work().resolve("ablation-" + engineName + ".slm.zip");
        Path folder = settings.work().resolve("ablation-" + engineName);
        try {
            List<String> labels = settings.task().labels();
            if (light) {
                LightPackageBuilder.of(labels).build(zip);
            } else {
                SlmPackageBuilder.of(EncoderSource.miniLm(), labels).build(zip);
            }
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
        ModelEngine engine = light ? TfliteEngine.engine() : OnnxEngine.engine();
        try (LocalModel model = engine.open(folder)) {
            double threshold = settings.task().setting("poolThreshold", DEFAULT_THRESHOLD);
            return new Ablation(model, training, threshold).run(splits, samples, settings.rounds());
        }
    }
}
