package io.crosslm.edge.internal;

import com.google.protobuf.ByteString;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.privacy.RandomizedResponse;
import io.crosslm.edge.privacy.RenyiLoss;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.BatchPart;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.Report;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.ReportedScores;
import io.crosslm.protocol.wire.Sample;
import io.crosslm.protocol.wire.ScoreReport;
import io.crosslm.protocol.wire.Terms;
import io.crosslm.protocol.wire.WireReader;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Scores a round's batch with the private model and commits the report. */
final class ScoringJob {
    /** Samples between two looks at the clock; the engine makes its own batches of them. */
    private static final int CHUNK = 256;

    private final TaskInbox inbox;
    private final PrivacyAccount account;
    private final DeviceContext device;
    private final Random secureRandom = new SecureRandom();

    ScoringJob(TaskInbox inbox, PrivacyAccount account, DeviceContext device) {
        this.inbox = inbox;
        this.account = account;
        this.device = device;
    }

    void run(RoundJob job, Preparation.Prepared prepared)
            throws IOException, RoundJob.NotWantedException {
        Announcement announcement = job.announcement();
        List<Sample> samples = samples(job);
        ReportForm form = announcement.getTerms().getReportForm();
        RandomizedResponse response = response(announcement);
        Sha256 batch = EncodedPart.batchSha256(announcement.getBatchPartsList());
        if (response != null) {
            pay(job, batch, response.loss().times(samples.size()));
        }
        ScoreProgress progress =
                ScoreProgress.open(
                        inbox.roundDirectory(job.round().value()).resolve("scores.part"),
                        batch,
                        modelKey(prepared, announcement.getTerms()),
                        samples.size(),
                        ReportedScores.bytesPerSample(form, announcement.getLabelsCount()));
        long start = device.clock().millis();
        while (progress.samples() < samples.size()) {
            job.checkWanted();
            int from = progress.samples();
            int to = Math.min(samples.size(), from + CHUNK);
            progress.add(score(prepared, form, response, samples.subList(from, to)));
        }
        job.checkWanted();
        long millis = device.clock().millis() - start;
        inbox.scored(job.round().value(), millis);
        device.listener()
                .scored(job.task(), job.round(), samples.size(), Duration.ofMillis(millis));
        commit(job, batch, samples.size(), progress.bytes());
    }

    /**
     * Answers of a device that has no model, because its private examples may have kept it from
     * one: own labels are drawn evenly, and paid for and randomised like any others. The answers
     * then say as little of the failure as of any label; that there are none would say it to
     * whoever made the package fail on certain texts, and cost nothing.
     *
     * @throws EdgeException TERMS_REFUSED if they would overspend
     */
    void runWithoutModel(RoundJob job) throws IOException, RoundJob.NotWantedException {
        Announcement announcement = job.announcement();
        RandomizedResponse response = response(announcement);
        if (response == null) {
            throw new IllegalStateException("expected terms with randomized-response");
        }
        long start = device.clock().millis();
        List<Sample> samples = samples(job);
        Sha256 batch = EncodedPart.batchSha256(announcement.getBatchPartsList());
        pay(job, batch, response.loss().times(samples.size()));
        int labels = announcement.getLabelsCount();
        float[][] scores = new float[samples.size()][labels];
        for (int i = 0; i < scores.length; i++) {
            scores[i][secureRandom.nextInt(labels)] = 1;
            scores[i] = response.answered(scores[i], secureRandom);
        }
        int[] intended = samples.stream().mapToInt(Sample::getIntended).toArray();
        job.checkWanted();
        // Zero would stand for a batch that was not scored.
        inbox.scored(job.round().value(), Math.max(1, device.clock().millis() - start));
        commit(
                job,
                batch,
                samples.size(),
                ReportedScores.encode(announcement.getTerms().getReportForm(), scores, intended));
    }

    private void commit(RoundJob job, Sha256 batch, int samples, ByteString scores)
            throws IOException {
        Announcement announcement = job.announcement();
        ByteString id = device.outbox().newId();
        ScoreReport report =
                ScoreReport.newBuilder()
                        .setTask(job.task().value())
                        .setRound(job.round().value())
                        .setReportId(id)
                        .setBatchSha256(ByteString.copyFrom(batch.bytes()))
                        .setSampleCount(samples)
                        .setForm(announcement.getTerms().getReportForm())
                        .setScores(scores)
                        .setSlmPackageSha256(announcement.getSlmPackage().getSha256())
                        .build();
        device.outbox()
                .commit(
                        Outgoing.Kind.SCORES,
                        job.task(),
                        job.round(),
                        id,
                        Report.newBuilder().setScores(report).build(),
                        account.spent(announcement.getTerms()));
    }

    /** How scores are randomised before they leave; null if they are not. */
    private static @Nullable RandomizedResponse response(Announcement announcement) {
        return announcement.getTerms().hasRandomizedResponse()
                ? RandomizedResponse.of(
                        announcement.getLabelsCount(),
                        announcement.getTerms().getRandomizedResponse().getEpsilon())
                : null;
    }

    /**
     * Pays for a batch's answers, once: what a killed device answered never left it. Another batch
     * or another epsilon in the same round is paid for anew.
     */
    private void pay(RoundJob job, Sha256 batch, RenyiLoss loss) throws IOException {
        Terms terms = job.announcement().getTerms();
        PrivacyGuarantee limit = PinnedTerms.limit(terms);
        if (limit == null) {
            return;
        }
        ByteString asked =
                terms.getRandomizedResponse()
                        .toByteString()
                        .concat(ByteString.copyFrom(batch.bytes()));
        String purpose = "answers-" + job.round() + "-" + Sha256.hash(asked.toByteArray()).hex();
        PrivacyBudget budget = account.pay(purpose, loss, limit);
        if (budget != null) {
            device.listener().privacySpent(job.task(), budget.spent(), budget.limit());
        }
    }

    /** Scores as they are and randomised ones are not the same. */
    private static Sha256 modelKey(Preparation.Prepared prepared, Terms terms) {
        return terms.hasRandomizedResponse()
                ? Sha256.hash(
                        terms.getRandomizedResponse()
                                .toByteString()
                                .concat(ByteString.copyFrom(prepared.key().bytes()))
                                .toByteArray())
                : prepared.key();
    }

    private ByteString score(
            Preparation.Prepared prepared,
            ReportForm form,
            @Nullable RandomizedResponse response,
            List<Sample> samples) {
        List<String> texts = new ArrayList<>(samples.size());
        for (Sample sample : samples) {
            texts.add(sample.getText());
        }
        int[] intended = samples.stream().mapToInt(Sample::getIntended).toArray();
        float[][] scores = prepared.model().score(texts);
        for (int i = 0; response != null && i < scores.length; i++) {
            scores[i] = response.answered(scores[i], secureRandom);
        }
        try {
            return ReportedScores.encode(form, scores, intended);
        } catch (IllegalArgumentException e) {
            throw new EdgeException(Code.MODEL, "the model's scores are no distribution", e);
        }
    }

    /** The batch in order; every part must be what the announcement says. */
    private List<Sample> samples(RoundJob job) throws IOException {
        Announcement announcement = job.announcement();
        List<byte[]> payloads = inbox.read(PartKind.BATCH, announcement);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < payloads.size(); i++) {
            BatchPart part = WireReader.batchPart(payloads.get(i));
            boolean right =
                    part.getTask().equals(job.task().value())
                            && part.getRound() == job.round().value()
                            && part.getPart() == i
                            && part.getSamplesCount()
                                    == announcement.getBatchParts(i).getSampleCount()
                            && part.getSamples(0).getIndex() == samples.size();
            for (Sample sample : part.getSamplesList()) {
                right &= sample.getIntended() < announcement.getLabelsCount();
            }
            if (!right) {
                throw new EdgeException(
                        Code.BAD_MESSAGE, "part " + i + " of the batch is not what was announced");
            }
            samples.addAll(part.getSamplesList());
        }
        return samples;
    }
}
