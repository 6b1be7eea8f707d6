package io.crosslm.coordinator.task;

import io.crosslm.protocol.wire.ReportForm;

/** How much a score report tells of a sample; each form more than the one before. */
public enum ScoreForm {
    /** The probability of the label that was asked for. */
    INTENDED("intended", ReportForm.REPORT_FORM_INTENDED),
    /** Also the most likely label and its probability. */
    TOP("top", ReportForm.REPORT_FORM_TOP),
    /** The probability of every label. */
    DISTRIBUTION("distribution", ReportForm.REPORT_FORM_DISTRIBUTION);

    private final String word;
    private final ReportForm wire;

    ScoreForm(String word, ReportForm wire) {
        this.word = word;
        this.wire = wire;
    }

    /** As written in task files. */
    public String word() {
        return word;
    }

    public ReportForm toWire() {
        return wire;
    }
}
