package io.crosslm.coordinator;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.round.FakeLanguageModel;
import io.crosslm.coordinator.round.LanguageModelSource;
import io.crosslm.coordinator.round.RoundModel;
import io.crosslm.coordinator.round.RoundServices;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.llm.TuningCheckpoints;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.testkit.FormulaPackage;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Takes the place of real models in every test of the service. */
@ApplicationScoped
final class FakeModels {
    @Produces
    @Singleton
    LanguageModelSource languageModelSource() {
        RoundModel model = RoundModel.of(new FakeLanguageModel(0.01));
        return () -> model;
    }

    /** Packages that the formula engine opens, whatever the task wants. */
    @Produces
    @Singleton
    SlmPackages slmPackages(ArtifactStore artifacts) {
        return (task, model) -> {
            byte[] zip = formulaPackage(task.labelNames());
            Sha256 name = artifacts.put(zip);
            return ArtifactReference.newBuilder()
                    .setSha256(ByteString.copyFrom(name.bytes()))
                    .setSizeBytes(zip.length)
                    .setMediaType(ContentTypes.SLM_PACKAGE)
                    .addUrls("/v1/artifacts/" + name.hex())
                    .build();
        };
    }

    private static byte[] formulaPackage(List<String> labels) {
        try {
            Path file = Files.createTempFile("formula", ".zip");
            try {
                return Files.readAllBytes(FormulaPackage.writeZip(file, labels));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Produces
    @Singleton
    RoundServices.Models models(LanguageModelSource source) {
        return new RoundServices.Models(
                source,
                texts ->
                        texts.stream()
                                .map(text -> new float[] {text.hashCode() % 2 == 0 ? 1 : 0, 0})
                                .toArray(float[][]::new),
                (texts, labels, count) -> judged -> new int[judged.size()],
                TuningCheckpoints.none(),
                Optional.empty());
    }
}
