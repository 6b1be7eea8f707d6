package io.crosslm.protocol.wire;

import io.crosslm.protocol.Limits;
import io.crosslm.protocol.PrivacyMode;

/**
 * What a task's terms must keep. A mode of a later version is not looked into: devices refuse it.
 */
final class TermsRules {
    private TermsRules() {}

    static void check(Terms terms) {
        Rules.length("privacy_mode", terms.getPrivacyMode(), Limits.MAX_REASON_LENGTH);
        PrivacyMode mode = PrivacyMode.of(terms.getPrivacyMode());
        Rules.require(
                terms.hasDpSgd() == (mode == PrivacyMode.DP_SGD)
                        && terms.hasRandomizedResponse()
                                == (mode == PrivacyMode.RANDOMIZED_RESPONSE),
                "the terms' parameters are not those of the privacy mode");
        if (terms.hasDpSgd()) {
            DpSgdTerms dpSgd = terms.getDpSgd();
            guarantee("dp_sgd", dpSgd.getEpsilon(), dpSgd.getDelta());
            positive("dp_sgd.clip_norm", dpSgd.getClipNorm(), Limits.MAX_CLIP_NORM);
            Rules.count("dp_sgd.trainings", dpSgd.getTrainings(), 1, Limits.MAX_PRIVATE_TRAININGS);
        }
        if (terms.hasRandomizedResponse()) {
            RandomizedResponseTerms response = terms.getRandomizedResponse();
            positive("randomized_response.epsilon", response.getEpsilon(), Limits.MAX_EPSILON);
            guarantee("randomized_response", response.getTotalEpsilon(), response.getDelta());
        }
    }

    private static void guarantee(String what, double epsilon, double delta) {
        positive(what + "'s epsilon in all", epsilon, Limits.MAX_EPSILON);
        Rules.require(delta > 0 && delta < 1, what + ".delta is not between 0 and 1");
    }

    private static void positive(String what, double value, double most) {
        Rules.require(value > 0 && value <= most, what + " is not above 0 and at most " + most);
    }
}
