package io.crosslm.llm.remote;

import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import java.util.List;
import java.util.Optional;

/**
 * What a server was found to do when it was asked.
 *
 * @param api in the form that it takes
 * @param severalChoices whether it gives as many choices as are asked for
 * @param likelihood how log-likelihoods are had from it
 * @param echoesTokens whether it tells a prompt's tokens
 */
record ServerAbilities(
        CompletionsApi api, boolean severalChoices, Likelihood likelihood, boolean echoesTokens) {
    private static final String PROBE = "One, two, three, four,";

    /** Tokens that are compared; one alone may be as likely in two places. */
    private static final int PROBED = 4;

    /** Nats; a server may compute a prompt in other batches than what it writes. */
    private static final double TOLERANCE = 0.1;

    /** How log-likelihoods are had from a server. */
    enum Likelihood {
        /** It tells the log-probabilities of a prompt's own tokens. */
        ECHO,
        /** It tells the likeliest next tokens. */
        NEXT_TOKEN,
        /** It tells no log-probabilities. */
        NONE
    }

    /**
     * Asks a server for a few tokens.
     *
     * @throws LanguageModelException REMOTE if it completes nothing
     */
    static ServerAbilities find(ServerConnection server, String model, Deadline deadline) {
        for (boolean logProbs : new boolean[] {true, false}) {
            for (boolean foreign : new boolean[] {true, false}) {
                CompletionsApi api = new CompletionsApi(server, model, foreign);
                Reply reply =
                        api.ask(
                                CompletionQuery.likeliest(PROBE, PROBED, logProbs ? 2 : 0),
                                deadline);
                if (reply.isOk()) {
                    return find(api, Choice.all(reply.json()), deadline);
                }
                if (!isRefusal(reply)) {
                    reply.json();
                }
            }
        }
        throw new LanguageModelException(
                Code.REMOTE,
                "The language model's server completes nothing at /v1/completions, with and without"
                        + " log-probabilities; its log tells why");
    }

    /** Whether other fields in the request may help; one server answers with 500 to those. */
    static boolean isRefusal(Reply reply) {
        return reply.status() == 400 || reply.status() == 422 || reply.status() == 500;
    }

    private static ServerAbilities find(
            CompletionsApi api, List<Choice> completed, Deadline deadline) {
        Reply draws = api.ask(CompletionQuery.draws(PROBE, 2), deadline);
        boolean several = draws.isOk() && Choice.all(draws.json()).size() == 2;
        Optional<TokenTable> written = completed.get(0).table().filter(table -> table.size() > 0);
        if (written.isEmpty()) {
            return new ServerAbilities(api, several, Likelihood.NONE, false);
        }
        Optional<EchoedText> echoed = echo(api, PROBE + written.get().text(), deadline);
        Likelihood likelihood = Likelihood.NONE;
        if (echoed.isPresent() && agree(written.get(), echoed.get())) {
            likelihood = Likelihood.ECHO;
        } else if (!written.get().likeliest(0).isEmpty()) {
            likelihood = Likelihood.NEXT_TOKEN;
        }
        return new ServerAbilities(api, several, likelihood, echoed.isPresent());
    }

    private static Optional<EchoedText> echo(CompletionsApi api, String text, Deadline deadline) {
        Reply reply = api.ask(CompletionQuery.echo(text), deadline);
        return reply.isOk()
                ? Choice.all(reply.json()).get(0).table().map(table -> new EchoedText(text, table))
                : Optional.empty();
    }

    /**
     * Whether tokens have the same log-probabilities in a prompt as when they were written. One
     * server gives each of a prompt's tokens that of another place, which would be taken for a
     * vote.
     */
    private static boolean agree(TokenTable written, EchoedText echoed) {
        int first = echoed.firstOf(PROBE);
        if (first < 1 || echoed.end() - first != written.size()) {
            return false;
        }
        for (int i = 0; i < written.size(); i++) {
            // Not a number, where one is absent, does not agree either.
            double difference = echoed.table().logProb(first + i) - written.logProb(i);
            if (!(Math.abs(difference) <= TOLERANCE)) {
                return false;
            }
        }
        return true;
    }
}
