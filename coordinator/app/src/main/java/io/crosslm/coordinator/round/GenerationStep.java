package io.crosslm.coordinator.round;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.coordinator.sample.Sample;
import io.crosslm.coordinator.sample.SampleWriter;
import io.crosslm.coordinator.sample.WrittenBatch;
import io.crosslm.llm.LanguageModel;
import io.crosslm.protocol.wire.EncodedPart;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** GENERATING: the language model writes the round's samples. Immutable. */
final class GenerationStep {
    private final RoundServices services;

    GenerationStep(RoundServices services) {
        this.services = services;
    }

    StepResult run(RoundContext context) {
        // The package comes first: it takes long only once, without it samples are useless, and
        // its building has the memory to itself where the model is not loaded yet.
        RoundDocuments.Package slmPackage =
                Announcer.document(services.fleet().packages().packageFor(context.task()));
        LanguageModel model = services.models().source().languageModel();
        String adapter = context.adapter();
        RoundArtifacts artifacts = services.storage().artifacts();
        Clock clock = services.clock();
        Instant start = clock.instant();
        WrittenBatch batch =
                new SampleWriter(context.task(), model)
                        .write(
                                new StoredAdapters(artifacts).read(adapter),
                                poolTexts(context),
                                context.seed("generate"),
                                (done, all, tokens) ->
                                        services.listener()
                                                .generating(
                                                        context.id(),
                                                        done,
                                                        all,
                                                        rate(tokens, start, clock.instant())));
        double rate = rate(batch.tokens(), start, clock.instant());
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
                        slmPackage);
        return StepResult.nothing()
                .withSamples(batch.samples())
                .withDocument(DocumentKind.GENERATION, document);
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
}
