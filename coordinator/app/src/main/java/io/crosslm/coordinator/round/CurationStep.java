package io.crosslm.coordinator.round;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.sample.PoolCurator;
import io.crosslm.coordinator.sample.PoolSample;
import io.crosslm.protocol.wire.EncodedPart;
import io.crosslm.protocol.wire.SoftLabels;
import java.util.ArrayList;
import java.util.List;

/** CURATING: good samples join the pool, and the whole pool is packed for devices. */
final class CurationStep {
    private final RoundArtifacts artifacts;

    CurationStep(RoundArtifacts artifacts) {
        this.artifacts = artifacts;
    }

    StepResult run(RoundContext context) {
        PoolCurator curator =
                new PoolCurator(context.task().settings().pool(), context.task().labelCount());
        List<PoolSample> before = context.store().pool(context.task().name());
        List<PoolSample> added =
                curator.additions(before, FusionStep.candidates(context, context.fused()));
        List<PoolSample> all = new ArrayList<>(before);
        all.addAll(added);
        List<PoolSample> pool = curator.trim(all);
        List<EncodedPart> parts =
                EncodedPart.ofPool(
                        context.task().name(),
                        context.id().number(),
                        pool.stream().map(CurationStep::wire).toList());
        RoundDocuments.Curation document =
                new RoundDocuments.Curation(
                        added.size(), pool.size(), Announcer.store(parts, artifacts));
        return StepResult.nothing().withPool(pool).withDocument(DocumentKind.CURATION, document);
    }

    private static io.crosslm.protocol.wire.PoolSample wire(PoolSample sample) {
        return io.crosslm.protocol.wire.PoolSample.newBuilder()
                .setText(sample.text())
                .setSoftLabel(softLabel(sample.softLabel()))
                .build();
    }

    private static ByteString softLabel(List<Double> probabilities) {
        float[] values = new float[probabilities.size()];
        for (int c = 0; c < values.length; c++) {
            values[c] = probabilities.get(c).floatValue();
        }
        return SoftLabels.encode(values);
    }
}
