package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Terms;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PinnedTermsTest {
    private static final List<String> LABELS = List.of("bad", "good");
    private static final PinnedTerms JOINED =
            new PinnedTerms("none", ReportForm.REPORT_FORM_TOP, LABELS);

    private static Announcement asking(String mode, ReportForm form, List<String> labels) {
        return Announcement.newBuilder()
                .addAllLabels(labels)
                .setTerms(Terms.newBuilder().setPrivacyMode(mode).setReportForm(form))
                .build();
    }

    @Test
    void refusal_ofTheSameTerms_isNone() {
        Announcement same = asking("none", ReportForm.REPORT_FORM_TOP, LABELS);
        assertThat(PinnedTerms.refusal(JOINED, same)).isNull();
        assertThat(PinnedTerms.refusal(null, same)).isNull();
    }

    @Test
    void refusal_ofALooserMode_namesThePinnedOne() {
        PinnedTerms strict = new PinnedTerms("gaussian", ReportForm.REPORT_FORM_TOP, LABELS);
        assertThat(PinnedTerms.refusal(strict, asking("none", ReportForm.REPORT_FORM_TOP, LABELS)))
                .isEqualTo(
                        "the privacy mode is looser than \"gaussian\" that the device joined with");
    }

    @Test
    void refusal_ofAModeOfALaterVersion_saysItIsUnknown() {
        assertThat(
                        PinnedTerms.refusal(
                                JOINED, asking("gaussian", ReportForm.REPORT_FORM_TOP, LABELS)))
                .contains("not one that this version knows");
    }

    @Test
    void refusal_ofOtherLabels_saysSo() {
        assertThat(
                        PinnedTerms.refusal(
                                JOINED,
                                asking("none", ReportForm.REPORT_FORM_TOP, List.of("good", "bad"))))
                .contains("labels are not those");
    }

    @Test
    void refusal_ofAnUnknownForm_saysSo() {
        assertThat(
                        PinnedTerms.refusal(
                                null, asking("none", ReportForm.REPORT_FORM_UNSPECIFIED, LABELS)))
                .contains("report form");
    }

    @Test
    void refusal_ofAFormThatTellsMore_namesBoth() {
        assertThat(
                        PinnedTerms.refusal(
                                JOINED,
                                asking("none", ReportForm.REPORT_FORM_DISTRIBUTION, LABELS)))
                .isEqualTo(
                        "the report form REPORT_FORM_DISTRIBUTION tells more than REPORT_FORM_TOP"
                                + " that the device joined with");
        assertThat(
                        PinnedTerms.refusal(
                                null, asking("none", ReportForm.REPORT_FORM_DISTRIBUTION, LABELS)))
                .isNull();
    }

    @Test
    void refusal_ofAFormThatTellsLess_isNone() {
        assertThat(
                        PinnedTerms.refusal(
                                JOINED, asking("none", ReportForm.REPORT_FORM_INTENDED, LABELS)))
                .isNull();
    }
}
