package io.crosslm.llm.remote;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.LikelihoodScorer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Log-likelihoods out of the log-probabilities that a server gives to a prompt's own tokens, a
 * request for each context and continuation. Both travel as one text: where no token begins with
 * the continuation, there is an error. Thread-safe.
 */
final class EchoLikelihoods implements LikelihoodScorer {
    private final CompletionsApi api;
    private final RequestPool pool;
    private final RemoteLimits limits;

    EchoLikelihoods(CompletionsApi api, RequestPool pool, RemoteLimits limits) {
        this.api = api;
        this.pool = pool;
        this.limits = limits;
    }

    @Override
    public double[][] logLikelihoods(
            List<String> contexts, List<String> continuations, Adapter adapter) {
        RemoteLanguageModel.checkNone(adapter);
        List<Continuation> items = new ArrayList<>();
        for (String context : contexts) {
            continuations.forEach(words -> items.add(new Continuation(context, words)));
        }
        List<ContinuationScore> scores = scores(items);
        double[][] results = new double[contexts.size()][continuations.size()];
        for (int i = 0; i < scores.size(); i++) {
            results[i / continuations.size()][i % continuations.size()] =
                    scores.get(i).logLikelihood();
        }
        return results;
    }

    /** Spaces at the context's end belong to the continuation, as tokens begin with spaces. */
    @Override
    public List<ContinuationScore> score(List<Continuation> continuations, Adapter adapter) {
        RemoteLanguageModel.checkNone(adapter);
        List<Continuation> items = new ArrayList<>();
        for (Continuation item : continuations) {
            String context = item.context().stripTrailing();
            String spaces = item.context().substring(context.length());
            items.add(new Continuation(context, spaces + item.continuation()));
        }
        return scores(items);
    }

    private List<ContinuationScore> scores(List<Continuation> items) {
        Deadline deadline = Deadline.after(limits.deadline());
        List<Callable<ContinuationScore>> work = new ArrayList<>();
        items.forEach(item -> work.add(() -> score(item, deadline)));
        return pool.all(work);
    }

    private ContinuationScore score(Continuation item, Deadline deadline) {
        String text = item.context() + item.continuation();
        TokenTable table =
                api.one(CompletionQuery.echo(text), deadline)
                        .table()
                        .orElseThrow(() -> Choice.malformed("no log-probabilities", null));
        EchoedText echoed = new EchoedText(text, table);
        int first = echoed.firstOf(item.context());
        if (first < 0) {
            throw new LanguageModelException(
                    Code.NO_LIKELIHOODS,
                    "The language model's server joins the end of a context and the beginning of a"
                            + " continuation in one token; let the continuation begin with a"
                            + " space");
        }
        double sum = 0;
        boolean greedy = true;
        for (int i = first; i < echoed.end(); i++) {
            if (Double.isNaN(table.logProb(i))) {
                throw new LanguageModelException(
                        Code.NO_LIKELIHOODS,
                        "The language model's server gives no log-probability to a text's first"
                                + " token; a context must have at least one token");
            }
            sum += table.logProb(i);
            greedy &= table.isLikeliest(i);
        }
        return new ContinuationScore(sum, greedy, echoed.end() - first);
    }
}
