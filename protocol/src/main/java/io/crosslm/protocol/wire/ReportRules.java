package io.crosslm.protocol.wire;

import io.crosslm.protocol.Limits;

/** What reports, commands, births and errors must keep. */
final class ReportRules {
    private ReportRules() {}

    static void check(Report report) {
        switch (report.getBodyCase()) {
            case SCORES -> check(report.getScores());
            case TRAINING -> check(report.getTraining());
            case BODY_NOT_SET ->
                    Rules.require(false, "the report has no body that this version knows");
        }
    }

    private static void check(ScoreReport scores) {
        Rules.taskAndRound(scores.getTask(), scores.getRound());
        Rules.bytes("report_id", scores.getReportId(), Limits.RANDOM_ID_BYTES);
        Rules.bytes("batch_sha256", scores.getBatchSha256(), Limits.SHA256_BYTES);
        Rules.bytes("slm_package_sha256", scores.getSlmPackageSha256(), Limits.SHA256_BYTES);
        Rules.count("sample_count", scores.getSampleCount(), 1, Limits.MAX_BATCH_SAMPLES);
        int size = scores.getScores().size();
        switch (scores.getForm()) {
            case REPORT_FORM_TOP ->
                    Rules.bytes(
                            "scores",
                            scores.getScores(),
                            TopScores.BYTES_PER_SAMPLE * scores.getSampleCount());
            case REPORT_FORM_INTENDED ->
                    Rules.bytes("scores", scores.getScores(), scores.getSampleCount());
            case REPORT_FORM_DISTRIBUTION ->
                    // The reader who knows how many labels there are checks that too.
                    Rules.require(
                            size > 0 && size % scores.getSampleCount() == 0,
                            "scores are not as many bytes for each sample");
            default -> Rules.require(false, "form is not one that this version knows");
        }
    }

    private static void check(TrainingReport training) {
        Rules.taskAndRound(training.getTask(), training.getRound());
        Rules.bytes("report_id", training.getReportId(), Limits.RANDOM_ID_BYTES);
        if (training.getWithheld()) {
            Rules.require(
                    !training.hasStandalone()
                            && !training.hasWithPool()
                            && !training.getKept()
                            && training.getPrivateExamples() == 0
                            && training.getTrainingMillis() == 0,
                    "a report that withholds what private texts decide tells it");
        } else {
            Rules.require(training.hasStandalone(), "standalone is missing");
            Rules.require(training.hasWithPool(), "with_pool is missing");
        }
        check("standalone", training.getStandalone());
        check("with_pool", training.getWithPool());
        Rules.count("private_examples", training.getPrivateExamples(), 0, Integer.MAX_VALUE);
        Rules.count("pool_samples", training.getPoolSamples(), 0, Limits.MAX_POOL_SAMPLES);
        Rules.count("training_millis", training.getTrainingMillis(), 0, Integer.MAX_VALUE);
        Rules.count("scoring_millis", training.getScoringMillis(), 0, Integer.MAX_VALUE);
        Rules.require(
                training.getBytesSent() >= 0 && training.getBytesReceived() >= 0,
                "a count of bytes is above 2^63");
    }

    private static void check(String what, ModelMetrics metrics) {
        check(what + ".validation", metrics.getValidation());
        check(what + ".test", metrics.getTest());
        double loss = metrics.getValidationLoss();
        double f1 = metrics.getTestMacroF1();
        Rules.require(
                loss >= 0 && !Double.isInfinite(loss),
                what + ".validation_loss is not a number from 0");
        Rules.require(f1 >= 0 && f1 <= 1, what + ".test_macro_f1 is not a number from 0 to 1");
    }

    private static void check(String what, Accuracy accuracy) {
        Rules.count(what + ".total", accuracy.getTotal(), 0, Integer.MAX_VALUE);
        Rules.count(what + ".correct", accuracy.getCorrect(), 0, accuracy.getTotal());
    }

    static void check(DeviceState state) {
        Rules.bytes("boot_id", state.getBootId(), Limits.RANDOM_ID_BYTES);
        Rules.length("sdk_version", state.getSdkVersion(), Limits.MAX_REASON_LENGTH);
        Rules.count("count of engines", state.getEnginesCount(), 0, Limits.MAX_DEVICE_TASKS);
        Rules.count("count of tasks", state.getTasksCount(), 0, Limits.MAX_DEVICE_TASKS);
        for (String engine : state.getEnginesList()) {
            Rules.length("an engine", engine, Limits.MAX_ID_LENGTH);
        }
        for (String task : state.getTasksList()) {
            Rules.taskAndRound(task, 1);
        }
    }

    static void check(Command command) {
        switch (command.getBodyCase()) {
            case RECEIPT -> {
                Receipt receipt = command.getReceipt();
                Rules.taskAndRound(receipt.getTask(), receipt.getRound());
                Rules.bytes("report_id", receipt.getReportId(), Limits.RANDOM_ID_BYTES);
                Rules.length("code", receipt.getCode(), Limits.MAX_CODE_LENGTH);
                Rules.length("message", receipt.getMessage(), Limits.MAX_REASON_LENGTH);
            }
            case CANCEL_ROUND -> {
                CancelRound cancel = command.getCancelRound();
                Rules.taskAndRound(cancel.getTask(), cancel.getRound());
                Rules.length("reason", cancel.getReason(), Limits.MAX_REASON_LENGTH);
            }
            case REVOKE ->
                    Rules.length(
                            "reason", command.getRevoke().getReason(), Limits.MAX_REASON_LENGTH);
            case REBIRTH, BODY_NOT_SET -> {
                // A command of a later version: the reader skips what it does not know.
            }
        }
    }

    static void check(ErrorReport error) {
        Rules.length("code", error.getCode(), Limits.MAX_CODE_LENGTH);
        Rules.length("message", error.getMessage(), Limits.MAX_REASON_LENGTH);
        if (!error.getTask().isEmpty()) {
            Rules.taskAndRound(error.getTask(), Math.max(1, error.getRound()));
        }
    }
}
