package io.crosslm.edge.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DpSgdTerms;
import io.crosslm.protocol.wire.RandomizedResponseTerms;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.Terms;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PinnedTermsTest {
    private static final List<String> LABELS = List.of("bad", "good");
    private static final PinnedTerms JOINED =
            new PinnedTerms("none", null, 0, ReportForm.REPORT_FORM_TOP, LABELS);

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
        PinnedTerms strict = PinnedTerms.of(dpSgd(8, 1e-5));
        assertThat(PinnedTerms.refusal(strict, asking("none", ReportForm.REPORT_FORM_TOP, LABELS)))
                .isEqualTo(
                        "the privacy mode is looser than \"dp-sgd\" that the device joined with, or"
                                + " of another kind");
        assertThat(PinnedTerms.refusal(strict, answers(0.1, 8))).contains("or of another kind");
    }

    @Test
    void refusal_ofMoreEpsilonOrDelta_namesWhatWasAgreed() {
        PinnedTerms strict = PinnedTerms.of(dpSgd(8, 1e-5));
        assertThat(PinnedTerms.refusal(strict, dpSgd(8.5, 1e-5)))
                .isEqualTo(
                        "the privacy mode dp-sgd allows more than epsilon 8.0 at delta 1.0E-5 that"
                                + " the device joined with");
        assertThat(PinnedTerms.refusal(strict, dpSgd(8, 1e-4))).isNotNull();
        assertThat(PinnedTerms.refusal(strict, dpSgd(8, 1e-5))).isNull();
        assertThat(PinnedTerms.refusal(strict, dpSgd(1, 1e-6))).isNull();
    }

    @Test
    void refusal_ofMoreEpsilonAnAnswer_namesWhatWasAgreed() {
        PinnedTerms strict = PinnedTerms.of(answers(0.1, 8));
        assertThat(PinnedTerms.refusal(strict, answers(0.2, 8))).contains("0.1 an answer");
        assertThat(PinnedTerms.refusal(strict, answers(0.1, 9))).contains("0.1 an answer");
        assertThat(PinnedTerms.refusal(strict, answers(0.05, 8))).isNull();
    }

    @Test
    void refusal_ofAPrivacyModeWhereThereWasNone_isNone() {
        assertThat(PinnedTerms.refusal(JOINED, dpSgd(8, 1e-5))).isNull();
        assertThat(PinnedTerms.refusal(JOINED, answers(0.1, 8))).isNull();
    }

    private static Announcement dpSgd(double epsilon, double delta) {
        return asking(
                Terms.newBuilder()
                        .setPrivacyMode("dp-sgd")
                        .setDpSgd(DpSgdTerms.newBuilder().setEpsilon(epsilon).setDelta(delta)));
    }

    private static Announcement answers(double epsilon, double totalEpsilon) {
        return asking(
                Terms.newBuilder()
                        .setPrivacyMode("randomized-response")
                        .setRandomizedResponse(
                                RandomizedResponseTerms.newBuilder()
                                        .setEpsilon(epsilon)
                                        .setTotalEpsilon(totalEpsilon)
                                        .setDelta(1e-5)));
    }

    private static Announcement asking(Terms.Builder terms) {
        return Announcement.newBuilder()
                .addAllLabels(LABELS)
                .setTerms(terms.setReportForm(ReportForm.REPORT_FORM_TOP))
                .build();
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
