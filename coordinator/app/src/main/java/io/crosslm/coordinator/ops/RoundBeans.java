package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.artifact.PartArtifacts;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.round.DeviceDirectory;
import io.crosslm.coordinator.round.DeviceModels;
import io.crosslm.coordinator.round.FleetLink;
import io.crosslm.coordinator.round.LanguageModelSource;
import io.crosslm.coordinator.round.RoundEngine;
import io.crosslm.coordinator.round.RoundServices;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.coordinator.slm.BaseEncoder;
import io.crosslm.coordinator.slm.Encoders;
import io.crosslm.coordinator.slm.TaskPackages;
import io.crosslm.coordinator.storage.JdbcRoundStore;
import io.crosslm.coordinator.storage.JdbcTaskStore;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.llm.evaluation.LastWords;
import io.crosslm.slm.encoder.EncoderSource;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Makes rounds and what they stand on. Tests put other models in the place of the default beans.
 */
@ApplicationScoped
final class RoundBeans {
    private static final String NO_MODEL = "none";

    /** Embedding a few hundred short texts a round needs no more. */
    private static final int ENCODER_THREADS = 1;

    // A step takes seconds, and writing one some hundred milliseconds.
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(20);

    @Produces
    @Singleton
    TaskStore taskStore(DataSource database, Clock clock) {
        return new JdbcTaskStore(database, clock);
    }

    @Produces
    @Singleton
    RoundStore roundStore(DataSource database) {
        return new JdbcRoundStore(database);
    }

    @Produces
    @Singleton
    DeviceDirectory deviceDirectory(DeviceRegistry registry, OnlineDevices online) {
        return new RegisteredDevices(registry, online);
    }

    @Produces
    @Singleton
    @DefaultBean
    LanguageModelSource languageModelSource(CoordinatorConfig config, EventFeed feed) {
        return new LanguageModelLoader(opening(config, feed));
    }

    private static LanguageModelLoader.Opening opening(CoordinatorConfig config, EventFeed feed) {
        Optional<RemoteModel> remote = RemoteModel.of(config.llm().remote());
        if (remote.isPresent()) {
            return remote.get();
        }
        if (config.llm().model().equals(NO_MODEL)) {
            return () -> {
                throw new CoordinatorException(
                        Code.NO_LANGUAGE_MODEL,
                        "this coordinator runs without a language model; set crosslm.llm.model to a"
                                + " name of the catalogue (crosslm model list) or to a path, or"
                                + " crosslm.llm.remote.url to a server");
            };
        }
        return new LocalModel(config, feed);
    }

    @Produces
    @Singleton
    @DefaultBean
    SlmPackages slmPackages(ArtifactStore artifacts, CoordinatorConfig config) {
        Map<String, Encoders.Place> encoders = new HashMap<>();
        config.slm()
                .encoders()
                .forEach(
                        (name, encoder) ->
                                encoders.put(
                                        name,
                                        new Encoders.Place(encoder.path(), encoder.licence())));
        return new TaskPackages(
                Encoders.with(encoders), artifacts, config.dataDir().resolve("slm-packages"));
    }

    @Produces
    @Singleton
    DeviceModels deviceModels(TaskStore tasks, RoundStore rounds) {
        return new DeviceModels(tasks, rounds);
    }

    @Produces
    @Singleton
    @DefaultBean
    RoundServices.Models models(
            LanguageModelSource source, BaseEncoder encoder, CoordinatorConfig config) {
        return new RoundServices.Models(
                source,
                encoder,
                encoder,
                TuningCheckpoints.in(config.dataDir().resolve("tuning"), CHECKPOINT_INTERVAL),
                config.llm().generalPassages().map(LastWords::read));
    }

    @Produces
    @Singleton
    BaseEncoder baseEncoder() {
        return new BaseEncoder(EncoderSource.miniLm(), ENCODER_THREADS);
    }

    @Produces
    @ApplicationScoped
    RoundEngine roundEngine(RoundServices services) {
        return new RoundEngine(services);
    }

    @Produces
    @Singleton
    RoundServices roundServices(
            RoundServices.Storage storage,
            RoundServices.Fleet fleet,
            RoundServices.Models models,
            Clock clock,
            EventFeed feed) {
        return new RoundServices(storage, fleet, models, clock, new RoundEvents(feed));
    }

    @Produces
    @Singleton
    RoundServices.Storage storage(TaskStore tasks, RoundStore rounds, ArtifactStore artifacts) {
        return new RoundServices.Storage(tasks, rounds, new PartArtifacts(artifacts));
    }

    @Produces
    @Singleton
    RoundServices.Fleet fleet(FleetLink link, DeviceDirectory directory, SlmPackages packages) {
        return new RoundServices.Fleet(link, directory, packages);
    }

    void closeEncoder(@Disposes BaseEncoder encoder) {
        encoder.close();
    }

    void closeModel(@Disposes LanguageModelSource source) {
        source.close();
    }
}
