package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.round.LanguageModelSource;
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
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fetches and loads the configured language model when the first round needs it; a start takes no
 * longer for it, and a service that runs no rounds pays no memory. Thread-safe.
 */
final class LanguageModelLoader implements LanguageModelSource, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(LanguageModelLoader.class);
    private static final String NONE = "none";
    private static final String NATIVES = "DJL_CACHE_DIR";

    private final CoordinatorConfig config;
    private final EventFeed feed;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable LanguageModel model; // guarded by lock

    LanguageModelLoader(CoordinatorConfig config, EventFeed feed) {
        this.config = config;
        this.feed = feed;
    }

    @Override
    public LanguageModel languageModel() {
        String name = config.llm().model();
        if (name.equals(NONE)) {
            throw new CoordinatorException(
                    Code.NO_LANGUAGE_MODEL,
                    "this coordinator runs without a language model; set crosslm.llm.model to a"
                            + " name of the catalogue (crosslm model list) or to a path");
        }
        // The lock is held while the model loads: whoever asks meanwhile needs it as well.
        lock.lock();
        try {
            if (model == null) {
                model = load(name);
            }
            return model;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (model != null) {
                model.close();
                model = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private LanguageModel load(String name) {
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
        return loaded;
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
                config.llm().threads().orElse(defaults.threads()));
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
