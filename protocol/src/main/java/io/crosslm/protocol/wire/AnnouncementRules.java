package io.crosslm.protocol.wire;

import io.crosslm.protocol.Limits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an announcement must keep. */
final class AnnouncementRules {
    private AnnouncementRules() {}

    static void check(Announcement announcement) {
        Rules.taskAndRound(announcement.getTask(), announcement.getRound());
        Rules.require(announcement.getDeadlineMillis() >= 0, "deadline_millis is negative");
        Rules.size("selection_seed", announcement.getSelectionSeed().size(), Limits.MAX_SEED_BYTES);
        Rules.length("reason", announcement.getReason(), Limits.MAX_REASON_LENGTH);
        checkLabels(announcement.getLabelsList());
        checkTerms(announcement);
        if (announcement.hasSlmPackage()) {
            checkArtifact(announcement.getSlmPackage());
        }
        checkEnginePackages(announcement.getEnginePackagesList());
        checkParts(
                "batch_parts",
                announcement.getBatchPartsList(),
                Limits.MAX_BATCH_PARTS,
                Limits.MAX_BATCH_SAMPLES);
        checkParts(
                "pool_parts",
                announcement.getPoolPartsList(),
                Limits.MAX_POOL_PARTS,
                Limits.MAX_POOL_SAMPLES);
        checkStep(announcement);
    }

    private static void checkStep(Announcement announcement) {
        boolean works =
                announcement.getStep() == Step.STEP_SCORING
                        || announcement.getStep() == Step.STEP_TRAINING;
        if (!works) {
            return;
        }
        Rules.require(announcement.hasSlmPackage(), "slm_package is missing");
        Rules.require(announcement.hasTerms(), "terms are missing");
        Rules.require(announcement.getLabelsCount() > 0, "labels are missing");
        Rules.require(announcement.hasTraining(), "training is missing");
        if (announcement.getStep() == Step.STEP_SCORING) {
            Rules.require(announcement.getBatchPartsCount() > 0, "batch_parts are missing");
        }
    }

    private static void checkLabels(List<String> labels) {
        if (labels.isEmpty()) {
            return;
        }
        Rules.count("count of labels", labels.size(), Limits.MIN_LABELS, Limits.MAX_LABELS);
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            Rules.length("a label", label, Limits.MAX_LABEL_LENGTH);
            Rules.require(!label.trim().isEmpty(), "a label is blank");
            Rules.require(seen.add(label), "two labels are the same");
        }
    }

    private static void checkTerms(Announcement announcement) {
        TermsRules.check(announcement.getTerms());
        if (announcement.hasTraining()) {
            TrainingTerms training = announcement.getTraining();
            double weight = training.getPoolWeight();
            Rules.require(
                    weight >= 0 && weight <= Limits.MAX_POOL_WEIGHT,
                    "pool_weight is not 0 to " + Limits.MAX_POOL_WEIGHT);
            Rules.count("max_epochs", training.getMaxEpochs(), 1, Limits.MAX_EPOCHS);
        }
    }

    private static void checkEnginePackages(List<EnginePackage> packages) {
        Rules.count("count of engine_packages", packages.size(), 0, Limits.MAX_MODELS);
        Set<String> seen = new HashSet<>();
        for (EnginePackage one : packages) {
            Rules.length("an engine", one.getEngine(), Limits.MAX_ID_LENGTH);
            Rules.require(!one.getEngine().isEmpty(), "an engine is empty");
            Rules.length("a model", one.getModel(), Limits.MAX_ID_LENGTH);
            // Without names, the engine is what tells them apart.
            boolean named = !one.getModel().isEmpty();
            Rules.require(
                    seen.add(named ? "model " + one.getModel() : "engine " + one.getEngine()),
                    named ? "two models are the same" : "two engines are the same");
            checkArtifact(one.getSlmPackage());
        }
    }

    private static void checkArtifact(ArtifactReference artifact) {
        Rules.bytes("slm_package.sha256", artifact.getSha256(), Limits.SHA256_BYTES);
        Rules.require(artifact.getSizeBytes() > 0, "slm_package.size_bytes is not positive");
        Rules.size("slm_package", artifact.getSizeBytes(), Limits.MAX_ARTIFACT_BYTES);
        Rules.length("slm_package.media_type", artifact.getMediaType(), Limits.MAX_URL_LENGTH);
        Rules.count("count of slm_package.urls", artifact.getUrlsCount(), 1, Limits.MAX_URLS);
        for (String url : artifact.getUrlsList()) {
            Rules.length("an address of slm_package", url, Limits.MAX_URL_LENGTH);
        }
    }

    private static void checkParts(
            String what, List<PartReference> parts, int maxParts, int maxSamples) {
        Rules.count("count of " + what, parts.size(), 0, maxParts);
        int samples = 0;
        for (int i = 0; i < parts.size(); i++) {
            PartReference part = parts.get(i);
            Rules.require(part.getIndex() == i, what + " are not numbered 0, 1, 2 …");
            Rules.bytes(what + ".sha256", part.getSha256(), Limits.SHA256_BYTES);
            Rules.count(what + ".sample_count", part.getSampleCount(), 1, maxSamples);
            Rules.count(what + ".size_bytes", part.getSizeBytes(), 1, Limits.MAX_PART_BYTES);
            samples += part.getSampleCount();
            Rules.count("count of samples in " + what, samples, 1, maxSamples);
        }
    }
}
