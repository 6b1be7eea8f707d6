package io.crosslm.coordinator;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.round.FakeLanguageModel;
import io.crosslm.coordinator.round.LanguageModelSource;
import io.crosslm.coordinator.round.RoundServices;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Takes the place of real models in every test of the service. */
@ApplicationScoped
final class FakeModels {
    @Produces
    @Singleton
    LanguageModelSource languageModelSource() {
        FakeLanguageModel model = new FakeLanguageModel(0.01);
        return () -> model;
    }

    @Produces
    @Singleton
    SlmPackages slmPackages() {
        byte[] sha256 = Sha256.hash(new byte[] {1, 2, 3}).bytes();
        return task ->
                ArtifactReference.newBuilder()
                        .setSha256(ByteString.copyFrom(sha256))
                        .setSizeBytes(1_000_000)
                        .setMediaType(ContentTypes.SLM_PACKAGE)
                        .addUrls("/v1/artifacts/" + Sha256.of(sha256).hex())
                        .build();
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
                (texts, labels, count) -> judged -> new int[judged.size()]);
    }
}
