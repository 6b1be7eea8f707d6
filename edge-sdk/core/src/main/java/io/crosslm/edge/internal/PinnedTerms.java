package io.crosslm.edge.internal;

import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReportForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a device agreed to when it joined a task.
 *
 * @param privacyMode as announced
 * @param labels in the order of every distribution
 */
record PinnedTerms(String privacyMode, ReportForm reportForm, List<String> labels) {
    /** The one mode of this version: scores leave as they are, in the report form. */
    private static final String NO_PRIVACY_MODE = "none";

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
        return new PinnedTerms(
                announcement.getTerms().getPrivacyMode(),
                announcement.getTerms().getReportForm(),
                announcement.getLabelsList());
    }

    /**
     * Why a device whose pinned terms are these (null: none yet) refuses an announcement, or null.
     */
    static @Nullable String refusal(@Nullable PinnedTerms pinned, Announcement announcement) {
        PinnedTerms asked = of(announcement);
        int telling = FORMS.indexOf(asked.reportForm);
        if (telling < 0) {
            return "the report form is not one that this version knows";
        }
        if (pinned != null && telling > FORMS.indexOf(pinned.reportForm)) {
            return "the report form "
                    + asked.reportForm
                    + " tells more than "
                    + pinned.reportForm
                    + " that the device joined with";
        }
        if (pinned != null && !pinned.labels.equals(asked.labels)) {
            return "the task's labels are not those that the device joined with";
        }
        if (pinned != null
                && !pinned.privacyMode.equals(asked.privacyMode)
                && asked.privacyMode.equals(NO_PRIVACY_MODE)) {
            return "the privacy mode is looser than \""
                    + pinned.privacyMode
                    + "\" that the device joined with";
        }
        if (!asked.privacyMode.equals(NO_PRIVACY_MODE)) {
            return "the privacy mode is not one that this version knows";
        }
        return null;
    }
}
