package io.crosslm.coordinator.ops;

import io.crosslm.coordinator.round.RoundId;
import io.crosslm.coordinator.round.RoundListener;
import io.crosslm.coordinator.round.RoundStep;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.wire.ReportKind;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells the log and the event feed what rounds do. Thread-safe. */
final class RoundEvents implements RoundListener {
    private static final Logger LOG = Logger.getLogger(RoundEvents.class);

    private final EventFeed feed;

    RoundEvents(EventFeed feed) {
        this.feed = feed;
    }

    @Override
    public void stepped(RoundId round, RoundStep step, String reason) {
        if (reason.isEmpty()) {
            LOG.infof("%s: %s", round, step);
        } else {
            LOG.warnf("%s: %s, %s", round, step, reason);
        }
        publish("step", round, step.name(), Map.of("reason", reason));
    }

    @Override
    public void reported(RoundId round, DeviceId device, ReportKind kind, RoundStore.Kept kept) {
        String what = kind == ReportKind.REPORT_KIND_SCORES ? "scores" : "training";
        LOG.infof("%s: %s of %s, %s", round, what, device, kept);
        publish(
                "report",
                round,
                null,
                Map.of("device", device.value(), "kind", what, "kept", kept.name()));
    }

    @Override
    public void generating(RoundId round, int done, int all, double tokensPerSecond) {
        publish(
                "progress",
                round,
                RoundStep.GENERATING.name(),
                Map.of("done", done, "all", all, "tokensPerSecond", tokensPerSecond));
    }

    @Override
    public void tuning(RoundId round, int step, int steps, double loss) {
        publish(
                "progress",
                round,
                RoundStep.TUNING.name(),
                Map.of("done", step, "all", steps, "loss", loss));
    }

    @Override
    public void waiting(RoundId round, RoundStep step, String reason) {
        LOG.warnf("%s: %s waits, %s", round, step, reason);
        publish("waiting", round, step.name(), Map.of("reason", reason));
    }

    /** The link has logged it. */
    @Override
    public void failed(RoundId round, DeviceId device, String code, String message) {
        publish(
                "error",
                round,
                null,
                Map.of("device", device.value(), "code", code, "message", message));
    }

    private void publish(
            String type, RoundId round, @Nullable String step, Map<String, Object> detail) {
        feed.publish(new Event(type, round.task().value(), round.number().value(), step, detail));
    }
}
