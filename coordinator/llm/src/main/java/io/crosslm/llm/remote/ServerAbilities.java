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
    /** Its next token is hardly ever its last one. */
    private static final String PROBE = "One, two, three, four,";

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
            for (boolean neutral : new boolean[] {true, false}) {
                CompletionsApi api = new CompletionsApi(server, model, neutral);
                Reply reply =
                        api.ask(CompletionQuery.nextToken(PROBE, logProbs ? 2 : 0), deadline);
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
        Optional<TokenTable> written = completed.get(0).table().filter(table -> table.size() == 1);
        if (written.isEmpty()) {
            return new ServerAbilities(api, several, Likelihood.NONE, false);
        }
        Optional<TokenTable> echoed =
                table(
                        api.ask(
                                CompletionQuery.echo(PROBE + written.get().token(0)), deadline));
        Likelihood likelihood = Likelihood.NONE;
        if (echoed.isPresent() && agree(written.get(), echoed.get())) {
            likelihood = Likelihood.ECHO;
        } else if (!written.get().likeliest(0).isEmpty()) {
            likelihood = Likelihood.NEXT_TOKEN;
        }
        return new ServerAbilities(api, several, likelihood, echoed.isPresent());
    }

    private static Optional<TokenTable> table(Reply reply) {
        return reply.isOk() ? Choice.all(reply.json()).get(0).table() : Optional.empty();
    }

    /**
     * Whether a token has the same log-probability in a prompt as when it was written. One server
     * gives the prompt's tokens those of one position further, which would be taken for a vote.
     */
    private static boolean agree(TokenTable written, TokenTable echoed) {
        EchoedText text = new EchoedText(PROBE + written.token(0), echoed);
        int index = text.firstOf(PROBE);
        return index > 0
                && echoed.token(index).equals(written.token(0))
                && Math.abs(echoed.logProb(index) - written.logProb(0)) <= TOLERANCE;
    }
}
