package io.crosslm.edge.internal;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeException.Code;
import io.crosslm.edge.model.LocalModel;
import io.crosslm.edge.model.ModelException;
import io.crosslm.edge.model.TrainingData;
import io.crosslm.edge.model.TrainingSettings;
import io.crosslm.edge.privacy.PrivacyBudget;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.DpSgdTerms;
import io.crosslm.protocol.wire.EnginePackage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a task's model ready to work: the package is here, and the model that scores was trained on
 * the private examples, once for each package and data. Confined to the worker's thread.
 */
final class Preparation {
    private static final Logger log = LoggerFactory.getLogger(Preparation.class);

    private final TaskSpec task;
    private final ModelStore models;
    private final ArtifactDownload download;
    private final PrivacyAccount account;
    private final DeviceContext device;
    private final long seed;

    /** Whether the last model that was opened has come to the private examples. */
    private boolean metExamples;

    Preparation(
            TaskSpec task,
            ModelStore models,
            ArtifactDownload download,
            PrivacyAccount account,
            DeviceContext device,
            long seed) {
        this.task = task;
        this.models = models;
        this.download = download;
        this.account = account;
        this.device = device;
        this.seed = seed;
    }

    /**
     * Opens the package with the private model restored; the caller closes it. Under
     * randomized-response the examples are read last: what goes wrong before may be told.
     */
    Prepared open(RoundJob job) throws IOException {
        metExamples = false;
        Announcement announcement = job.announcement();
        expectPackage(announcement);
        boolean packageFirst = announcement.getTerms().hasRandomizedResponse();
        PrivateExamples early = packageFirst ? null : examples(announcement);
        Path directory = fetch(job);
        LocalModel model = task.engine().open(directory);
        boolean ready = false;
        try {
            if (!model.labels().equals(announcement.getLabelsList())) {
                throw new EdgeException(
                        Code.BAD_PACKAGE,
                        "expected the package's labels to be the task's, but they are "
                                + model.labels());
            }
            if (packageFirst) {
                expectRoom(job, model);
            }
            metExamples = true;
            Prepared prepared = prepare(job, model, early == null ? examples(announcement) : early);
            if (mode(announcement).withholdsMetrics()) {
                // What the engine remembers of private texts must not meet the coordinator's.
                prepared = reopened(prepared, directory);
                model.close();
            }
            ready = true;
            return prepared;
        } finally {
            if (!ready) {
                model.close();
            }
        }
    }

    private PrivateExamples examples(Announcement announcement) {
        return PrivateExamples.read(task.examples(), announcement.getLabelsList());
    }

    /**
     * Finds out without the private examples whether there is memory to train on them: that there
     * is not may then be told. A device that has trained with the package has shown it.
     */
    private void expectRoom(RoundJob job, LocalModel model) throws IOException {
        ModelStore.Stored stored = models.privateModel();
        if (stored == null || !stored.packageSha256().equals(packageHex(job.announcement()))) {
            TrainingData nothing =
                    new TrainingData(
                            Collections.emptyList(),
                            Collections.emptyList(),
                            Collections.emptyList());
            new TrainingWatch(job, device, job.packageWanted())
                    .expectAllowed(model, nothing, settings(job.announcement()));
        }
    }

    /**
     * Whether private examples can have decided over what went wrong since the last {@link #open}
     * began: under randomized-response the package alone is at work before.
     */
    boolean hasMetExamples() {
        return metExamples;
    }

    private Prepared reopened(Prepared prepared, Path directory) throws IOException {
        LocalModel model = task.engine().open(directory);
        boolean ready = false;
        try {
            model.restore(models.checkpoint(prepared.stored()));
            ready = true;
            return new Prepared(
                    model,
                    prepared.examples(),
                    prepared.stored(),
                    prepared.key(),
                    prepared.validation(),
                    prepared.test());
        } finally {
            if (!ready) {
                model.close();
            }
        }
    }

    private static PrivacyMode mode(Announcement announcement) {
        return PrivacyMode.of(announcement.getTerms().getPrivacyMode());
    }

    /**
     * The announcement as it concerns this device: its package is that of the model that the device
     * wants, or of the first one that its engine runs, where the task has several.
     */
    Announcement forDevice(Announcement announcement) {
        for (EnginePackage one : announcement.getEnginePackagesList()) {
            if (isForDevice(one)) {
                return announcement.toBuilder().setSlmPackage(one.getSlmPackage()).build();
            }
        }
        return announcement;
    }

    private boolean isForDevice(EnginePackage offered) {
        return offered.getEngine().equals(task.engine().name())
                && (task.model() == null || offered.getModel().equals(task.model()));
    }

    private void expectPackage(Announcement announcement) {
        List<EnginePackage> offered = announcement.getEnginePackagesList();
        // Whether an only package fits the engine is found out when it is opened.
        boolean isChoice = task.model() != null || offered.size() > 1;
        if (isChoice && offered.stream().noneMatch(this::isForDevice)) {
            throw new EdgeException(
                    Code.BAD_PACKAGE,
                    "expected a package "
                            + (task.model() == null ? "" : "of model " + task.model() + " ")
                            + "for engine "
                            + task.engine().name()
                            + ", but the task has packages for "
                            + offered.stream().map(Preparation::words).collect(Collectors.toList())
                            + "; configure one of them, or add this one to the task's models");
        }
    }

    private static String words(EnginePackage offered) {
        return offered.getModel().isEmpty()
                ? offered.getEngine()
                : offered.getModel() + " (" + offered.getEngine() + ")";
    }

    /** Whether the examples, which may have changed, fit the task. */
    boolean areExamplesGood(Announcement announcement) {
        try {
            PrivateExamples unused = examples(announcement);
            return true;
        } catch (EdgeException e) {
            return false;
        }
    }

    TrainingSettings settings(Announcement announcement) {
        return new TrainingSettings(
                announcement.getTraining().getPoolWeight(),
                announcement.getTraining().getMaxEpochs(),
                seed);
    }

    private Path fetch(RoundJob job) {
        boolean isHere = Files.isDirectory(download.directory(job.announcement().getSlmPackage()));
        Path directory = download.fetch(job.announcement().getSlmPackage(), job.packageWanted());
        if (!isHere) {
            device.listener()
                    .packageReady(
                            job.task(),
                            String.valueOf(directory.getFileName()),
                            job.announcement().getSlmPackage().getSizeBytes());
        }
        return directory;
    }

    private Prepared prepare(RoundJob job, LocalModel model, PrivateExamples examples)
            throws IOException {
        Sha256 key = key(job.announcement(), examples);
        ModelStore.Stored stored = models.privateModel();
        if (stored != null && stored.key().equals(key.hex()) && restore(model, stored)) {
            account.done(key.hex());
            return Prepared.of(model, examples, stored, key);
        }
        TrainingSettings settings =
                settings(job.announcement()).withHalfDone(models.halfDoneTraining());
        TrainingData data =
                new TrainingData(
                        examples.training(), examples.validation(), Collections.emptyList());
        TrainingWatch watch = new TrainingWatch(job, device, job.packageWanted());
        if (job.announcement().getTerms().hasDpSgd()) {
            PrivateTrainingPlan plan =
                    plan(job.announcement(), model, examples.training().size(), key);
            if (stored != null && isAffordedBefore(job, model, stored, plan, key)) {
                return new Prepared(
                        model,
                        examples,
                        stored,
                        Sha256.ofHex(stored.key()),
                        Evaluation.of(model, examples.validation(), job.packageWanted()),
                        Evaluation.of(model, examples.test(), job.packageWanted()));
            }
            settings = settings.withPrivacy(plan.training());
            // Before anything is paid for it.
            watch.expectAllowed(model, data, settings);
            model.checkPrivateTraining();
            PrivacyBudget budget = account.pay(key.hex(), plan);
            if (budget != null) {
                device.listener().privacySpent(job.task(), budget.spent(), budget.limit());
            }
        } else {
            watch.expectAllowed(model, data, settings);
        }
        long start = device.clock().millis();
        model.train(data, settings, watch);
        return Prepared.of(model, examples, save(job, model, examples, key, start), key);
    }

    /** One that was interrupted goes on with the noise that was paid for. */
    private PrivateTrainingPlan plan(
            Announcement announcement, LocalModel model, int examples, Sha256 key)
            throws IOException {
        DpSgdTerms terms = announcement.getTerms().getDpSgd();
        int maxEpochs = announcement.getTraining().getMaxEpochs();
        Double noise = account.paidNoise(key.hex());
        return noise == null
                ? PrivateTrainingPlan.of(
                        model,
                        examples,
                        maxEpochs,
                        terms,
                        account.under(new PrivacyGuarantee(terms.getEpsilon(), terms.getDelta())))
                : PrivateTrainingPlan.paid(model, examples, maxEpochs, terms, noise);
    }

    /**
     * Whether a private model that was trained before is what the budget leaves: there is no more
     * for one of the examples as they are now, and its scores cost nothing.
     */
    private boolean isAffordedBefore(
            RoundJob job,
            LocalModel model,
            ModelStore.Stored stored,
            PrivateTrainingPlan plan,
            Sha256 key)
            throws IOException {
        String refusal = account.refusal(plan.loss(), plan.limit());
        boolean fits =
                stored.privacyMode().equals(PrivacyMode.DP_SGD.word())
                        && stored.packageSha256().equals(packageHex(job.announcement()));
        if (refusal == null || !fits || account.isPaid(key.hex()) || !restore(model, stored)) {
            return false;
        }
        log.warn(
                "task {}: the examples have changed, but {}; the model of the earlier ones goes on"
                        + " scoring",
                job.task(),
                refusal);
        return true;
    }

    private boolean restore(LocalModel model, ModelStore.Stored stored) {
        try {
            model.restore(models.checkpoint(stored));
            return true;
        } catch (ModelException e) {
            log.warn("the private model is trained anew: {}", e.getMessage());
            return false;
        }
    }

    /** Keeps the model that was trained since a time in milliseconds. */
    private ModelStore.Stored save(
            RoundJob job, LocalModel model, PrivateExamples examples, Sha256 key, long start)
            throws IOException {
        BooleanSupplier wanted = job.packageWanted();
        Evaluation validation = Evaluation.of(model, examples.validation(), wanted);
        Evaluation test = Evaluation.of(model, examples.test(), wanted);
        if (!wanted.getAsBoolean()) {
            // After a close that did not wait for it, the directory may be another's.
            throw new ModelException(ModelException.Code.CANCELLED, "Cancelled before it was kept");
        }
        Path checkpoint = models.newCheckpoint("private-" + key.hex().substring(0, 16));
        model.save(checkpoint);
        ModelStore.Stored stored =
                new ModelStore.Stored(
                        packageHex(job.announcement()),
                        key.hex(),
                        String.valueOf(checkpoint.getFileName()),
                        job.task() + "/private",
                        examples.training().size(),
                        validation,
                        test,
                        job.announcement().getTerms().getPrivacyMode());
        models.savePrivate(stored);
        account.done(key.hex());
        device.listener()
                .privateModelTrained(
                        job.task(),
                        examples.training().size(),
                        Duration.ofMillis(device.clock().millis() - start));
        return stored;
    }

    private static String packageHex(Announcement announcement) {
        return Sha256.of(announcement.getSlmPackage().getSha256().toByteArray()).hex();
    }

    /** Hash of everything that the private model depends on. */
    private Sha256 key(Announcement announcement, PrivateExamples examples) {
        MessageDigest digest = Sha256.digest();
        digest.update(announcement.getSlmPackage().getSha256().toByteArray());
        digest.update(examples.fingerprint().bytes());
        digest.update(
                ByteBuffer.allocate(12)
                        .putInt(announcement.getTraining().getMaxEpochs())
                        .putLong(seed)
                        .array());
        digest.update(task.engine().name().getBytes(StandardCharsets.UTF_8));
        if (announcement.getTerms().hasDpSgd()) {
            digest.update(announcement.getTerms().getDpSgd().toByteArray());
        }
        return Sha256.of(digest.digest());
    }

    /**
     * A model that is ready.
     *
     * @param stored the private model, whose state it has
     * @param key of the private model
     * @param validation of the private model on the examples as they are now
     */
    record Prepared(
            LocalModel model,
            PrivateExamples examples,
            ModelStore.Stored stored,
            Sha256 key,
            Evaluation validation,
            Evaluation test)
            implements AutoCloseable {
        private static Prepared of(
                LocalModel model, PrivateExamples examples, ModelStore.Stored stored, Sha256 key) {
            return new Prepared(model, examples, stored, key, stored.validation(), stored.test());
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
