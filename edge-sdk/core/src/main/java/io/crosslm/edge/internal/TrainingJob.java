package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.SoftLabelledText;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ModelMetrics;
import io.crosslm.protocol.wire.PartReference;
import io.crosslm.protocol.wire.PoolPart;
import io.crosslm.protocol.wire.PoolSample;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.SoftLabels;
import io.crosslm.protocol.wire.TrainingReport;
import io.crosslm.protocol.wire.WireReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains the app's model from the base on private examples and the pool, keeps it if it is not
 * worse than the one before by more than chance on the validation part, and commits the report.
 */
final class TrainingJob {
    private final TaskInbox inbox;
    private final ModelStore models;
    private final Preparation preparation;
    private final PrivacyAccount account;
    private final DeviceContext device;

    TrainingJob(
            TaskInbox inbox,
            ModelStore models,
            Preparation preparation,
            PrivacyAccount account,
            DeviceContext device) {
        this.inbox = inbox;
        this.models = models;
        this.preparation = preparation;
        this.account = account;
        this.device = device;
    }

    void run(RoundJob job, Preparation.Prepared prepared)
            throws IOException, RoundJob.NotWantedException {
        List<SoftLabelledText> pool = pool(job);
        job.checkWanted();
        long start = device.clock().millis();
        Before before = before(job, prepared);
        Trained trained = train(job, prepared, pool, start);
        job.checkWanted();
        boolean kept = trained.validation.at(before.compared).isNotWorseThan(before.evaluation);
        if (kept) {
            keep(job, prepared, trained);
        }
        device.listener()
                .trained(
                        job.task(),
                        job.round(),
                        new TrainingOutcome(
                                prepared.validation().correct(),
                                trained.validation.correct(),
                                trained.validation.total(),
                                pool.size(),
                                kept
                                        ? TrainingOutcome.Decision.KEPT_NEW
                                        : TrainingOutcome.Decision.KEPT_BEFORE,
                                Duration.ofMillis(trained.millis)));
        commit(job, prepared, trained, pool.size(), kept);
    }

    /**
     * How the app's present model does on validation texts that it was not trained on when the
     * examples were others; the private one where there is none for this package, or no such text.
     */
    private Before before(RoundJob job, Preparation.Prepared prepared) throws IOException {
        ModelStore.Stored app = models.appModel();
        if (app == null
                || app.equals(prepared.stored())
                || !app.packageSha256().equals(prepared.stored().packageSha256())) {
            return Before.whole(prepared.validation());
        }
        List<Integer> unseen =
                TrainedTexts.load(models.trainedTexts(app))
                        .unseen(prepared.examples().validation());
        if (unseen.isEmpty()) {
            return Before.whole(prepared.validation());
        }
        try {
            prepared.model().restore(models.checkpoint(app));
            return new Before(
                    Evaluation.of(prepared.model(), prepared.examples().validation(), job.wanted())
                            .at(unseen),
                    unseen);
        } catch (ModelException e) {
            if (e.code() == ModelException.Code.CANCELLED) {
                throw e;
            }
            // A damaged checkpoint cannot be the app's model: the new one is compared with none.
            device.outbox()
                    .problem(
                            new EdgeException(
                                    Code.MODEL,
                                    "the app's model is left out: " + e.getMessage(),
                                    e),
                            job.task(),
                            job.announcement(),
                            false);
            return Before.whole(prepared.validation());
        }
    }

    private Trained train(
            RoundJob job, Preparation.Prepared prepared, List<SoftLabelledText> pool, long start)
            throws IOException {
        PrivateExamples examples = prepared.examples();
        LocalModel model = prepared.model();
        TrainingData data = new TrainingData(examples.training(), examples.validation(), pool);
        TrainingSettings settings =
                preparation.settings(job.announcement()).withHalfDone(models.halfDoneTraining());
        TrainingWatch watch = new TrainingWatch(job, device, job.wanted());
        watch.expectAllowed(model, data, settings);
        model.train(data, settings, watch);
        long millis = device.clock().millis() - start;
        return new Trained(
                Evaluation.of(model, examples.validation(), job.wanted()),
                Evaluation.of(model, examples.test(), job.wanted()),
                millis);
    }

    private void keep(RoundJob job, Preparation.Prepared prepared, Trained trained)
            throws IOException {
        String name = "round-" + job.round() + "-" + prepared.key().hex().substring(0, 16);
        Path checkpoint = models.newCheckpoint(name);
        prepared.model().save(checkpoint);
        ModelStore.Stored stored =
                new ModelStore.Stored(
                        prepared.stored().packageSha256(),
                        prepared.key().hex(),
                        String.valueOf(checkpoint.getFileName()),
                        job.task() + "/round-" + job.round(),
                        prepared.examples().training().size(),
                        trained.validation,
                        trained.test,
                        PrivacyMode.NONE.word());
        TrainedTexts.of(prepared.examples().training()).save(models.trainedTexts(stored));
        models.saveApp(stored);
    }

    /**
     * Reports a training that failed as one that was done, under a privacy mode. Nothing of how it
     * went is told there, and that it fails may depend on private texts: the coordinator chooses
     * the package and the pool, and would have an answer for nothing.
     */
    void reportWithheld(RoundJob job) throws IOException {
        int pool = 0;
        for (PartReference part : job.announcement().getPoolPartsList()) {
            pool += part.getSampleCount();
        }
        commit(job, report(job, pool).setWithheld(true));
    }

    private void commit(
            RoundJob job, Preparation.Prepared prepared, Trained trained, int pool, boolean kept)
            throws IOException {
        TrainingReport.Builder report = report(job, pool);
        PrivacyMode mode = PrivacyMode.of(job.announcement().getTerms().getPrivacyMode());
        if (mode.withholdsMetrics()) {
            report.setWithheld(true);
        } else {
            report.setStandalone(metrics(prepared.validation(), prepared.test()))
                    .setWithPool(metrics(trained.validation, trained.test))
                    .setKept(kept)
                    .setPrivateExamples(prepared.examples().training().size())
                    .setTrainingMillis(toMillis(trained.millis));
        }
        commit(job, report);
    }

    private TrainingReport.Builder report(RoundJob job, int pool) throws IOException {
        int round = job.round().value();
        return TrainingReport.newBuilder()
                .setTask(job.task().value())
                .setRound(round)
                .setReportId(device.outbox().newId())
                .setPoolSamples(pool)
                .setScoringMillis(toMillis(inbox.scoringMillis(round)))
                .setBytesReceived(inbox.receivedBytes(round));
    }

    private void commit(RoundJob job, TrainingReport.Builder report) throws IOException {
        long earlier = device.ledger().bytesOf(job.task(), job.round());
        report.setBytesSent(earlier + report.build().getSerializedSize());
        device.outbox()
                .commit(
                        Outgoing.Kind.TRAINING,
                        job.task(),
                        job.round(),
                        report.getReportId(),
                        Report.newBuilder().setTraining(report).build(),
                        account.spent(job.announcement().getTerms()));
    }

    private static ModelMetrics metrics(Evaluation validation, Evaluation test) {
        ModelMetrics.Builder metrics =
                ModelMetrics.newBuilder()
                        .setValidation(validation.toWire())
                        .setValidationLoss(validation.loss());
        if (test.total() > 0) {
            metrics.setTest(test.toWire()).setTestMacroF1(test.macroF1());
        }
        return metrics.build();
    }

    private static int toMillis(long millis) {
        return (int) Math.max(0, Math.min(Integer.MAX_VALUE, millis));
    }

    private List<SoftLabelledText> pool(RoundJob job) throws IOException {
        Announcement announcement = job.announcement();
        List<byte[]> payloads = inbox.read(PartKind.POOL, announcement);
        List<SoftLabelledText> pool = new ArrayList<>();
        for (int i = 0; i < payloads.size(); i++) {
            PoolPart part = WireReader.poolPart(payloads.get(i), announcement.getLabelsCount());
            boolean right =
                    part.getTask().equals(job.task().value())
                            && part.getRound() == job.round().value()
                            && part.getPart() == i
                            && part.getSamplesCount()
                                    == announcement.getPoolParts(i).getSampleCount();
            if (!right) {
                throw new EdgeException(
                        Code.BAD_MESSAGE, "part " + i + " of the pool is not what was announced");
            }
            for (PoolSample sample : part.getSamplesList()) {
                pool.add(
                        new SoftLabelledText(
                                sample.getText(), SoftLabels.decode(sample.getSoftLabel())));
            }
        }
        return pool;
    }

    /**
     * What a new model is compared with.
     *
     * @param compared indexes of the validation texts that the evaluation is of
     */
    private record Before(Evaluation evaluation, List<Integer> compared) {
        static Before whole(Evaluation evaluation) {
            List<Integer> all = new ArrayList<>();
            for (int i = 0; i < evaluation.total(); i++) {
                all.add(i);
            }
            return new Before(evaluation, all);
        }
    }

    /** A training's result; the model holds its state. */
    private record Trained(Evaluation validation, Evaluation test, long millis) {}
}
