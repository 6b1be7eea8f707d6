package io.crosslm.edge.internal;

import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device agreed to when it joined a task.
 *
 * @param privacyMode as announced
 * @param limit what the task may cost in all; null where the mode has none
 * @param answerEpsilon of one randomised answer; 0 in other modes
 * @param labels in the order of every distribution
 */
record PinnedTerms(
        String privacyMode,
        @Nullable PrivacyGuarantee limit,
        double answerEpsilon,
        ReportForm reportForm,
        List<String> labels) {
    /** What is known, from the form that tells least on. */
    private static final List<ReportForm> FORMS =
            Collections.unmodifiableList(
                    Arrays.asList(
                            ReportForm.REPORT_FORM_INTENDED,
                            ReportForm.REPORT_FORM_TOP,
                            ReportForm.REPORT_FORM_DISTRIBUTION));

    PinnedTerms {
        labels = Collections.unmodifiableList(new ArrayList<>(labels));
    }

    static PinnedTerms of(Announcement announcement) {
        Terms terms = announcement.getTerms();
        return new PinnedTerms(
                terms.getPrivacyMode(),
                limit(terms),
                terms.getRandomizedResponse().getEpsilon(),
                terms.getReportForm(),
                announcement.getLabelsList());
    }

    /** Whether they have a privacy mode. */
    boolean isPrivate() {
        return !privacyMode.equals(PrivacyMode.NONE.word());
    }

    /** The same with another report form. */
    PinnedTerms inForm(ReportForm form) {
        return new PinnedTerms(privacyMode, limit, answerEpsilon, form, labels);
    }

    /** What a task may cost in all; null where its mode has no such limit. */
    static @Nullable PrivacyGuarantee limit(Terms terms) {
        if (terms.hasDpSgd()) {
            return new PrivacyGuarantee(terms.getDpSgd().getEpsilon(), terms.getDpSgd().getDelta());
        }
        return terms.hasRandomizedResponse()
                ? new PrivacyGuarantee(
                        terms.getRandomizedResponse().getTotalEpsilon(),
                        terms.getRandomizedResponse().getDelta())
                : null;
    }

    /**
     * Why a device whose pinned terms are these (null: none yet) refuses an announcement, or null.
     */
    static @Nullable String refusal(@Nullable PinnedTerms pinned, Announcement announcement) {
        PinnedTerms asked = of(announcement);
        if (FORMS.indexOf(asked.reportForm) < 0) {
            return "the report form is not one that this version knows";
        }
        String looser = pinned == null ? null : pinned.looser(asked);
        if (looser != null) {
            return looser;
        }
        return PrivacyMode.of(asked.privacyMode) == PrivacyMode.UNKNOWN
                ? "the privacy mode is not one that this version knows"
                : null;
    }

    /** What in the other terms is looser than these; null if nothing is. */
    private @Nullable String looser(PinnedTerms asked) {
        if (FORMS.indexOf(asked.reportForm) > FORMS.indexOf(reportForm)) {
            return "the report form "
                    + asked.reportForm
                    + " tells more than "
                    + reportForm
                    + " that the device joined with";
        }
        if (!labels.equals(asked.labels)) {
            return "the task's labels are not those that the device joined with";
        }
        if (!isPrivate()) {
            return null;
        }
        if (!privacyMode.equals(asked.privacyMode)) {
            return "the privacy mode is looser than \""
                    + privacyMode
                    + "\" that the device joined with, or of another kind";
        }
        PrivacyGuarantee agreed = limit;
        PrivacyGuarantee now = asked.limit;
        if (agreed == null
                || (now != null
                        && now.epsilon() <= agreed.epsilon()
                        && now.delta() <= agreed.delta()
                        && asked.answerEpsilon <= answerEpsilon)) {
            return null;
        }
        return "the privacy mode "
                + privacyMode
                + " allows more than epsilon "
                + agreed.epsilon()
                + " at delta "
                + agreed.delta()
                + (answerEpsilon > 0 ? ", " + answerEpsilon + " an answer," : "")
                + " that the device joined with";
    }
}
