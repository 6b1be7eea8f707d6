package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.CoordinatorConfig;
import io.crosslm.coordinator.round.Ability;
import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.llm.LanguageModel;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.remote.ApiKey;
import io.crosslm.llm.remote.RemoteLanguageModel;
import io.crosslm.llm.remote.RemoteSettings;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a language model behind a server, which writes, votes where the server tells
 * log-probabilities, and is not tuned. Immutable.
 */
final class RemoteModel implements LanguageModelLoader.Opening {
    private static final Logger LOG = Logger.getLogger(RemoteModel.class);
    private static final String PREFIX = "crosslm.llm.remote.";

    private final RemoteSettings settings;

    RemoteModel(RemoteSettings settings) {
        this.settings = settings;
    }

    /**
     * The configured server, if there is one.
     *
     * @throws CoordinatorException BAD_SETTING if an address, key or number cannot be used, or
     *     something is set without the address
     */
    static Optional<RemoteModel> of(CoordinatorConfig.Remote config) {
        boolean key = config.apiKey().isPresent() || config.apiKeyFile().isPresent();
        if (config.url().isEmpty()) {
            if (key || config.model().isPresent()) {
                throw bad(
                        "url", "expected the address of a server beside the other settings", null);
            }
            return Optional.empty();
        }
        RemoteSettings address = check("url", () -> RemoteSettings.of(config.url().get()));
        RemoteSettings settings =
                check("concurrency", () -> address.withConcurrency(config.concurrency()))
                        .withModel(config.model().orElse(""))
                        .withApiKey(key(config));
        if (settings.sendsKeyReadably()) {
            LOG.warn(
                    PREFIX
                            + "url begins with http: the API key travels readably to another"
                            + " machine; take https");
        }
        return Optional.of(new RemoteModel(settings));
    }

    private static ApiKey key(CoordinatorConfig.Remote config) {
        if (config.apiKey().isPresent() && config.apiKeyFile().isPresent()) {
            throw bad("api-key", "expected this or api-key-file, but both are set", null);
        }
        return config.apiKeyFile()
                .map(file -> check("api-key-file", () -> ApiKey.ofFile(file)))
                .or(() -> config.apiKey().map(text -> check("api-key", () -> ApiKey.of(text))))
                .orElse(ApiKey.none());
    }

    private static <T> T check(String key, Supplier<T> setting) {
        try {
            return setting.get();
        } catch (LanguageModelException | IllegalArgumentException e) {
            throw bad(key, String.valueOf(e.getMessage()), e);
        }
    }

    private static CoordinatorException bad(
            String key, String found, @Nullable RuntimeException cause) {
        String message = PREFIX + key + ": " + found;
        return cause == null
                ? new CoordinatorException(Code.BAD_SETTING, message)
                : new CoordinatorException(Code.BAD_SETTING, message, cause);
    }

    @Override
    public LanguageModelLoader.Opened open() {
        RemoteLanguageModel remote = RemoteLanguageModel.open(settings);
        String name = remote.description().name();
        Ability<LikelihoodScorer> scorer =
                remote.likelihoods()
                        .map(Ability::of)
                        .orElseGet(
                                () ->
                                        Ability.missing(
                                                "the server of "
                                                        + name
                                                        + " tells no log-probabilities that can be"
                                                        + " used"));
        Ability<LanguageModel> tunable =
                Ability.missing(
                        name
                                + " is behind a server, which takes no adapters and keeps its weights");
        LOG.infof(
                "The language model %s is behind a server. %s; not tuned: %s",
                name,
                scorer.reason().isEmpty() ? "It votes" : "It does not vote: " + scorer.reason(),
                tunable.reason());
        return new LanguageModelLoader.Opened(
                new RoundModel(remote.description(), remote, scorer, tunable), remote::close);
    }
}
