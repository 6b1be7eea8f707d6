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
import java.util.Collections;
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
     * <p>{@link Sampling#topK()}, {@link Sampling#minP()} and {@link Sampling#repetitionPenalty()}
     * are sent to servers that take fields beyond OpenAI's; how far back the penalty looks is the
     * server's affair, as is whether it heeds them. {@link Sampling#minNewTokens()} and {@link
     * Sampling#stopTokens()} cannot be asked for.
     *
     * <p>A text is known when the server has written all of it. So {@link GenerationListener#wrote}
     * hears of it in one piece; and a completion that is not done within {@link
     * GenerationRequest#timeLimit()} is empty, with {@link Finish#TIME_LIMIT}. A limit beyond
     * {@link RemoteLimits#deadline()} does not lengthen that, whose end is a failure.
     *
     * @throws LanguageModelException REMOTE_AWAY if the server cannot be reached or stays busy,
     *     REMOTE_REFUSED if it wants another key, REMOTE if it fails otherwise, BAD_ADAPTER if
     *     there is an adapter, BAD_INPUT if the sampling has what the server cannot be asked for,
     *     CANCELLED if the listener says so
     */
    @Override
    public List<Completion> generate(GenerationRequest request, GenerationListener listener) {
        checkNone(request.adapter());
        server.api().check(request.sampling());
        Deadline deadline = Deadline.after(limits.deadline());
        Deadline limit = Deadline.after(request.timeLimit());
        List<Draw> draws = draws(request);
        List<Callable<Written>> work = new ArrayList<>();
        draws.forEach(draw -> work.add(() -> write(draw, deadline)));
        Progress progress = new Progress(request, listener);
        List<Optional<Written>> written =
                pool.inTime(work, progress::add, listener::cancelled, limit::isOver);
        List<Completion> completions = new ArrayList<>();
        for (int i = 0; i < draws.size(); i++) {
            completions.addAll(written.get(i).map(Written::completions).orElse(draws.get(i).cut()));
        }
        return completions;
    }

    private List<Draw> draws(GenerationRequest request) {
        List<Draw> draws = new ArrayList<>();
        int each = request.completionsPerPrompt();
        for (int p = 0; p < request.prompts().size(); p++) {
            String prompt = request.prompts().get(p);
            if (prompt.isEmpty()) {
                throw new LanguageModelException(
                        Code.BAD_INPUT, "Prompt " + p + " is empty; give it some text to go on");
            }
            int count;
            for (int done = 0; done < each; done += count) {
                count = choices(request, each - done);
                long seed = mixed(mixed(request.seed() + p) + done);
                CompletionQuery query =
                        new CompletionQuery(prompt, request.sampling(), count, seed, 0, false);
                draws.add(new Draw(p, p * each + done, query));
            }
        }
        return draws;
    }

    private int choices(GenerationRequest request, int most) {
        // Without temperature all are the same, and some servers refuse to give several.
        boolean single = !server.severalChoices() || request.sampling().temperature() == 0;
        return single ? 1 : Math.min(MOST_CHOICES, most);
    }

    private Written write(Draw draw, Deadline deadline) {
        CompletionsApi.Drawn drawn = server.api().draw(draw.query, deadline);
        List<Completion> completions = new ArrayList<>();
        int count = drawn.choices().size();
        for (int i = 0; i < count; i++) {
            Choice choice = drawn.choices().get(i);
            int tokens = drawn.tokens() / count + (i < drawn.tokens() % count ? 1 : 0);
            completions.add(
                    new Completion(
                            draw.prompt,
                            choice.text(),
                            tokens,
                            finish(choice, draw.query.sampling())));
        }
        return new Written(draw.first, completions);
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

    /**
     * A request to the server.
     *
     * @param prompt index of its prompt
     * @param first place of its first completion in the result
     */
    private record Draw(int prompt, int first, CompletionQuery query) {
        /** What it gives if the time was over before. */
        List<Completion> cut() {
            Completion none = new Completion(prompt, "", 0, Finish.TIME_LIMIT);
            return Collections.nCopies(query.choices(), none);
        }
    }

    /**
     * What the server wrote.
     *
     * @param first place of the first completion in the result
     */
    private record Written(int first, List<Completion> completions) {}

    /** Tells a listener what is done. Confined to the caller's thread. */
    private static final class Progress {
        private final GenerationListener listener;
        private final int all;
        private int done;
        private long tokens;

        Progress(GenerationRequest request, GenerationListener listener) {
            this.listener = listener;
            this.all = request.prompts().size() * request.completionsPerPrompt();
        }

        void add(Written written) {
            List<Completion> completions = written.completions;
            done += completions.size();
            tokens += completions.stream().mapToLong(Completion::tokenCount).sum();
            listener.progressed(done, all, tokens);
            for (int i = 0; listener.streams() && i < completions.size(); i++) {
                String text = completions.get(i).text();
                if (!text.isEmpty()) {
                    listener.wrote(written.first + i, text);
                }
            }
        }
    }
}
