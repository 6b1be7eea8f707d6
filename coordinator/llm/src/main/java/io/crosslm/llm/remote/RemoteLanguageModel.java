package io.crosslm.llm.remote;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.Completion;
import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.GenerationListener;
import io.crosslm.llm.GenerationRequest;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer;
import io.crosslm.llm.ModelDescription;
import io.crosslm.llm.Sampling;
import io.crosslm.llm.TextGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A language model behind a server with OpenAI's completions API: vLLM, llama.cpp, llama-cpp-python
 * or DJL Serving. Its weights are elsewhere, so that it takes no adapter but {@link
 * Adapter#none()}, and cannot be tuned from here.
 *
 * <p>{@link #open} asks the server a few short things and finds out what it does: whether it gives
 * several completions at once, and whether its log-probabilities can be trusted. Most servers read
 * control tokens that are written in a prompt.
 *
 * <p>Thread-safe: all callers together have {@link RemoteSettings#concurrency()} requests under
 * way. An interrupt or a cancellation of a caller ends its requests.
 */
public final class RemoteLanguageModel implements TextGenerator, AutoCloseable {
    private static final int MOST_CHOICES = 16;

    private final ServerConnection connection;
    private final RequestPool pool;
    private final RemoteLimits limits;
    private final String model;
    private final ServerAbilities server;

    private RemoteLanguageModel(
            ServerConnection connection,
            RemoteSettings settings,
            String model,
            ServerAbilities server) {
        this.connection = connection;
        this.pool = new RequestPool(settings.concurrency());
        this.limits = settings.limits();
        this.model = model;
        this.server = server;
    }

    /**
     * Connects to a server and looks at what it does.
     *
     * @throws LanguageModelException REMOTE_AWAY if it is not there, REMOTE_REFUSED if it wants
     *     another key, REMOTE if it does not have the model or completes nothing
     */
    public static RemoteLanguageModel open(RemoteSettings settings) {
        return open(settings, Thread::sleep);
    }

    static RemoteLanguageModel open(RemoteSettings settings, BackOff.Sleeper sleeper) {
        BackOff backOff =
                new BackOff(
                        settings.limits().firstPause(),
                        () -> ThreadLocalRandom.current().nextDouble(),
                        sleeper);
        ServerConnection connection = new ServerConnection(settings, backOff);
        try {
            Deadline deadline = Deadline.after(settings.limits().deadline());
            String model = CompletionsApi.model(connection, settings.model(), deadline);
            return new RemoteLanguageModel(
                    connection, settings, model, ServerAbilities.find(connection, model, deadline));
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** The name in the server's list; its hash, size and data type are not known here. */
    public ModelDescription description() {
        return new ModelDescription(model, "", 0, "unknown", "remote");
    }

    /**
     * Likelihoods by the server's log-probabilities; empty if it gives none that can be used. They
     * end with NO_LIKELIHOODS where the server does not tell what a text needs.
     */
    public Optional<LikelihoodScorer> likelihoods() {
        return switch (server.likelihood()) {
            case ECHO -> Optional.of(new EchoLikelihoods(server.api(), pool, limits));
            case NEXT_TOKEN -> Optional.of(new NextTokenLikelihoods(server, pool, limits));
            case NONE -> Optional.empty();
        };
    }

    /**
     * Completes prompts; the same request gives the same texts where the server keeps to seeds.
     *
     * <p>OpenAI's API has one word for end tokens and stop strings: where a request has stop
     * strings and the server does not tell more, {@link Finish#STOP} may be an end token. Of
     * several completions in one answer, only the tokens of all together are known: each counts
     * with its part.
     *
     * @throws LanguageModelException REMOTE_AWAY if the server cannot be reached or stays busy,
     *     REMOTE_REFUSED if it wants another key, REMOTE if it fails otherwise, BAD_ADAPTER if
     *     there is an adapter, CANCELLED if the listener says so
     */
    @Override
    public List<Completion> generate(GenerationRequest request, GenerationListener listener) {
        checkNone(request.adapter());
        Deadline deadline = Deadline.after(limits.deadline());
        List<Callable<List<Completion>>> work = new ArrayList<>();
        for (int p = 0; p < request.prompts().size(); p++) {
            if (request.prompts().get(p).isEmpty()) {
                throw new LanguageModelException(
                        Code.BAD_INPUT, "Prompt " + p + " is empty; give it some text to go on");
            }
            int count;
            for (int done = 0; done < request.completionsPerPrompt(); done += count) {
                count = choices(request, request.completionsPerPrompt() - done);
                work.add(draw(request, p, done, count, deadline));
            }
        }
        Progress progress = new Progress(request, listener);
        return pool.all(work, progress::add, listener::cancelled).stream()
                .flatMap(List::stream)
                .toList();
    }

    private int choices(GenerationRequest request, int most) {
        // Without temperature all are the same, and some servers refuse to give several.
        boolean single = !server.severalChoices() || request.sampling().temperature() == 0;
        return single ? 1 : Math.min(MOST_CHOICES, most);
    }

    private Callable<List<Completion>> draw(
            GenerationRequest request, int prompt, int done, int count, Deadline deadline) {
        long seed = mixed(mixed(request.seed() + prompt) + done);
        CompletionQuery query =
                new CompletionQuery(
                        request.prompts().get(prompt), request.sampling(), count, seed, 0, false);
        return () -> completions(prompt, query, server.api().draw(query, deadline));
    }

    private static List<Completion> completions(
            int prompt, CompletionQuery query, CompletionsApi.Drawn drawn) {
        List<Completion> completions = new ArrayList<>();
        int count = drawn.choices().size();
        for (int i = 0; i < count; i++) {
            Choice choice = drawn.choices().get(i);
            int tokens = drawn.tokens() / count + (i < drawn.tokens() % count ? 1 : 0);
            completions.add(
                    new Completion(
                            prompt, choice.text(), tokens, finish(choice, query.sampling())));
        }
        return completions;
    }

    private static Finish finish(Choice choice, Sampling sampling) {
        return switch (choice.finish()) {
            case "length" -> Finish.LENGTH;
            case "stop" ->
                    choice.stop() != null || (!choice.tellsStop() && !sampling.stops().isEmpty())
                            ? Finish.STOP
                            : Finish.END_TOKEN;
            default -> throw Choice.malformed("a finish_reason that is not stop or length", null);
        };
    }

    /** SplitMix64's finaliser: neighbours get seeds that have nothing in common. */
    private static long mixed(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    static void checkNone(Adapter adapter) {
        if (!adapter.isNone()) {
            throw new LanguageModelException(
                    Code.BAD_ADAPTER,
                    "A model behind a server takes no adapter of rank " + adapter.rank());
        }
    }

    /** Ends requests that are under way. */
    @Override
    public void close() {
        pool.close();
        connection.close();
    }

    /** Counts what is done. Confined to the caller's thread. */
    private static final class Progress {
        private final GenerationListener listener;
        private final int all;
        private int done;
        private long tokens;

        Progress(GenerationRequest request, GenerationListener listener) {
            this.listener = listener;
            this.all = request.prompts().size() * request.completionsPerPrompt();
        }

        void add(List<Completion> completions) {
            done += completions.size();
            tokens += completions.stream().mapToLong(Completion::tokenCount).sum();
            listener.progressed(done, all, tokens);
        }
    }
}
