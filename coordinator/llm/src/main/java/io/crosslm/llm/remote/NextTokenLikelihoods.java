package io.crosslm.llm.remote;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Log-likelihoods out of a server's lists of the likeliest next tokens: each token of a
 * continuation is looked up in the list at its place, a request for each place. The sums are exact;
 * what is not in a list has none, and there is an error. Thread-safe.
 */
final class NextTokenLikelihoods implements LikelihoodScorer {
    /** Lengths of lists, the next one where the server refuses. */
    private static final List<Integer> LENGTHS = List.of(1000, 20, 5);

    /** Where the first length was taken, more than any vocabulary. */
    private static final int ALL = 1_000_000;

    private final ServerAbilities server;
    private final RequestPool pool;
    private final RemoteLimits limits;
    private final AtomicInteger length = new AtomicInteger(LENGTHS.get(0));

    NextTokenLikelihoods(ServerAbilities server, RequestPool pool, RemoteLimits limits) {
        this.server = server;
        this.pool = pool;
        this.limits = limits;
    }

    @Override
    public double[][] logLikelihoods(
            List<String> contexts, List<String> continuations, Adapter adapter) {
        RemoteLanguageModel.checkNone(adapter);
        Deadline deadline = Deadline.after(limits.deadline());
        List<List<String>> tokens = new ArrayList<>();
        for (String continuation : continuations) {
            tokens.add(tokens(continuation, deadline));
        }
        List<Callable<double[]>> work = new ArrayList<>();
        contexts.forEach(context -> work.add(() -> row(context, tokens, deadline)));
        return pool.all(work).toArray(double[][]::new);
    }

    @Override
    public List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter) {
        throw new LanguageModelException(
                Code.NO_LIKELIHOODS,
                "The language model's server does not tell the log-probabilities of a prompt (echo"
                        + " with logprobs), so that texts of several tokens cannot be scored");
    }

    /** As the server cuts them; where it does not tell, a continuation is taken for one token. */
    private List<String> tokens(String continuation, Deadline deadline) {
        if (!server.echoesTokens()) {
            return List.of(continuation);
        }
        Optional<TokenTable> table =
                server.api().one(CompletionQuery.echo(continuation), deadline).table();
        List<String> tokens =
                table.map(found -> new EchoedText(continuation, found).tokens()).orElse(List.of());
        return String.join("", tokens).equals(continuation) ? tokens : List.of(continuation);
    }

    /** Of one context, per continuation. */
    private double[] row(String context, List<List<String>> continuations, Deadline deadline) {
        Map<String, Map<String, Double>> lists = new HashMap<>();
        double[] row = new double[continuations.size()];
        for (int c = 0; c < row.length; c++) {
            StringBuilder prompt = new StringBuilder(context);
            for (String token : continuations.get(c)) {
                row[c] += logProb(prompt.toString(), token, lists, deadline);
                prompt.append(token);
            }
        }
        return row;
    }

    private double logProb(
            String prompt,
            String token,
            Map<String, Map<String, Double>> lists,
            Deadline deadline) {
        Map<String, Double> list =
                lists.computeIfAbsent(prompt, text -> list(text, length.get(), deadline));
        if (!list.containsKey(token) && length.get() == LENGTHS.get(0)) {
            list = list(prompt, ALL, deadline);
            lists.put(prompt, list);
        }
        Double found = list.get(token);
        if (found == null) {
            throw new LanguageModelException(
                    Code.NO_LIKELIHOODS,
                    "A label word is not among the "
                            + list.size()
                            + " likeliest tokens that the language model's server tells"
                            + (server.echoesTokens() ? "" : ", or has several tokens"));
        }
        return found;
    }

    private Map<String, Double> list(String prompt, int count, Deadline deadline) {
        Reply reply = server.api().ask(CompletionQuery.likeliest(prompt, 1, count), deadline);
        int next = LENGTHS.indexOf(count) + 1;
        if (next > 0 && next < LENGTHS.size() && ServerAbilities.isRefusal(reply)) {
            length.compareAndSet(count, LENGTHS.get(next));
            return list(prompt, LENGTHS.get(next), deadline);
        }
        return Choice.all(reply.json())
                .get(0)
                .table()
                .filter(table -> table.size() > 0)
                .orElseThrow(() -> Choice.malformed("no log-probabilities", null))
                .likeliest(0);
    }
}
