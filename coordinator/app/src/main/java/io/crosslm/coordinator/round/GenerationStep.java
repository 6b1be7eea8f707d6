package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.sample.SampleWriter;
import io.crosslm.coordinator.sample.WrittenBatch;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.GenerationListener;
import io.crosslm.protocol.wire.EncodedPart;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;

/** GENERATING: the language model writes the round's samples. Immutable. */
final class GenerationStep {
    private final RoundServices services;
    private final Predicate<RoundId> cancelled;

    GenerationStep(RoundServices services, Predicate<RoundId> cancelled) {
        this.services = services;
        this.cancelled = cancelled;
    }

    StepResult run(RoundContext context) {
        // The packages come first: building takes long only once, without it samples are useless,
        // and its building has the memory to itself where the model is not loaded yet.
        List<RoundDocuments.ModelPackage> packages = packages(context.task());
        RoundModel model = services.models().source().languageModel();
        String adapter = model.tunable().get().isPresent() ? context.adapter() : "";
        RoundArtifacts artifacts = services.storage().artifacts();
        Adapter start = new StoredAdapters(artifacts).read(context, adapter, model.description());
        Clock clock = services.clock();
        Instant began = clock.instant();
        WrittenBatch batch =
                new SampleWriter(context.task(), model.writer())
                        .write(
                                start,
                                poolTexts(context),
                                context.seed("generate"),
                                new Progress(context.id(), began));
        double rate = rate(batch.tokens(), began, clock.instant());
        List<Sample> kept = batch.kept();
        if (kept.isEmpty()) {
            throw new CoordinatorException(
                    Code.NO_USABLE_SAMPLES,
                    "all "
                            + batch.samples().size()
                            + " samples were filtered; look at their reasons (GET"
                            + " /v1/samples) and at the task's prompts and limits");
        }
        List<EncodedPart> parts =
                EncodedPart.ofBatch(
                        context.task().name(),
                        context.id().number(),
                        kept.stream().map(GenerationStep::wire).toList());
        RoundDocuments.Generation document =
                new RoundDocuments.Generation(
                        batch.samples().size(),
                        kept.size(),
                        batch.tokens(),
                        rate,
                        adapter,
                        services.fleet().directory().devices(context.task().name()).size(),
                        Announcer.store(parts, artifacts),
                        packages.get(0).slmPackage(),
                        null,
                        packages);
        return StepResult.nothing()
                .withSamples(batch.samples())
                .withDocument(DocumentKind.GENERATION, document);
    }

    private List<RoundDocuments.ModelPackage> packages(TaskDefinition task) {
        SlmPackages packages = services.fleet().packages();
        return task.settings().models().stream()
                .map(
                        model ->
                                new RoundDocuments.ModelPackage(
                                        model.name(),
                                        model.engine(),
                                        Announcer.document(packages.packageFor(task, model))))
                .toList();
    }

    private static List<String> poolTexts(RoundContext context) {
        return context.store().pool(context.task().name()).stream().map(PoolSample::text).toList();
    }

    private static double rate(long tokens, Instant start, Instant now) {
        long millis = Duration.between(start, now).toMillis();
        return millis <= 0 ? 0 : tokens * 1000.0 / millis;
    }

    private static io.crosslm.protocol.wire.Sample wire(Sample sample) {
        return io.crosslm.protocol.wire.Sample.newBuilder()
                .setIndex(sample.index())
                .setText(sample.text())
                .setIntended(sample.intended())
                .build();
    }

    /** Tells how far a round's generation is, and ends it when the round is cancelled. */
    private final class Progress implements GenerationListener {
        private final RoundId round;
        private final Instant start;

        Progress(RoundId round, Instant start) {
            this.round = round;
            this.start = start;
        }

        @Override
        public void progressed(int done, int all, long tokens) {
            double rate = rate(tokens, start, services.clock().instant());
            services.listener().generating(round, done, all, rate);
        }

        @Override
        public boolean cancelled() {
            return cancelled.test(round);
        }
    }
}
