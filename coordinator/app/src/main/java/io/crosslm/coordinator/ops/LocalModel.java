package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.llm.source.FetchListener;
import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.llm.torch.MemoryPlan;
import io.crosslm.llm.torch.MemorySource;
import io.crosslm.llm.torch.ModelWorkload;
import io.crosslm.llm.torch.TorchLanguageModel;
import io.crosslm.llm.torch.TorchSettings;
import java.nio.file.Path;
import java.util.Map;
import org.jboss.logging.Logger;

/** Fetches and loads a language model into this process. Confined to one thread. */
final class LocalModel implements LanguageModelLoader.Opening {
    private static final Logger LOG = Logger.getLogger(LocalModel.class);
    private static final String NATIVES = "DJL_CACHE_DIR";

    private final CoordinatorConfig config;
    private final EventFeed feed;

    LocalModel(CoordinatorConfig config, EventFeed feed) {
        this.config = config;
        this.feed = feed;
    }

    @Override
    public LanguageModelLoader.Opened open() {
        String name = config.llm().model();
        Path file =
                ModelCatalogue.standard(System.getenv())
                        .fetch(name, config.cacheDir(), new Progress(name));
        LOG.infof("Loading the language model %s", name);
        if (System.getenv(NATIVES) == null && System.getProperty(NATIVES) == null) {
            // The engine unpacks its natives here; otherwise it would take the home folder.
            System.setProperty(NATIVES, config.cacheDir().resolve("djl").toString());
        }
        TorchSettings settings = settings();
        tellMemory(name, file, settings);
        LanguageModel loaded = TorchLanguageModel.open(file, settings);
        ModelDescription description = loaded.description();
        LOG.infof(
                "The language model %s is loaded: %,d weights in %s on %s",
                description.name(),
                description.parameterCount(),
                description.dataType(),
                description.device());
        return new LanguageModelLoader.Opened(RoundModel.of(loaded), loaded::close);
    }

    private static void tellMemory(String name, Path file, TorchSettings settings) {
        MemorySource memory = MemorySource.system();
        try (ModelFiles files = ModelFiles.open(file)) {
            MemoryPlan plan = MemoryPlan.of(files, settings, ModelWorkload.ofRounds());
            LOG.infof("Memory of the language model %s: %s", name, plan);
            if (!plan.fits(memory)) {
                LOG.warnf(
                        "A round needs up to %,d bytes for it, but %,d are available%s",
                        plan.peakBytes(),
                        memory.availableBytes().orElse(0),
                        plan.nearest(memory).map(fits -> "; it fits with " + fits).orElse(""));
            }
        }
    }

    private TorchSettings settings() {
        TorchSettings defaults = TorchSettings.defaults();
        return new TorchSettings(
                switch (config.llm().dataType()) {
                    case AUTO -> TorchSettings.DataType.fastest(config.llm().device());
                    case FP32 -> TorchSettings.DataType.FP32;
                    case BF16 -> TorchSettings.DataType.BF16;
                },
                config.llm().device(),
                config.llm().threads().orElse(defaults.threads()),
                config.llm().packedLayers());
    }

    /** Tells of a download, every tenth of it. */
    private final class Progress implements FetchListener {
        private static final int PARTS = 10;

        private final String model;
        private long told = -1;

        Progress(String model) {
            this.model = model;
        }

        @Override
        public void trying(String source) {
            LOG.infof("Fetching the language model %s from %s", model, source);
        }

        @Override
        public void received(long bytes, long bytesInAll) {
            long part = bytesInAll > 0 ? PARTS * bytes / bytesInAll : 0;
            if (part > told) {
                told = part;
                LOG.infof("Fetching %s: %,d of %,d bytes", model, bytes, bytesInAll);
                feed.publish(
                        Event.of(
                                "progress",
                                Map.of("model", model, "done", bytes, "all", bytesInAll)));
            }
        }

        @Override
        public void failed(String source, String reason) {
            LOG.warnf("The language model did not come from %s: %s", source, reason);
        }
    }
}
