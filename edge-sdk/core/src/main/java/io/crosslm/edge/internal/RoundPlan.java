package io.crosslm.edge.internal;

import io.crosslm.edge.store.Ledger;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Hashes;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.wire.Announcement;
import org.jspecify.annotations.Nullable;

/**
 * What a device has to do about a task now.
 *
 * @param reason why it does nothing although the step asks for work; null where there is none
 */
record RoundPlan(Action action, @Nullable String reason) {
    private static final RoundPlan NOTHING = new RoundPlan(Action.NOTHING, null);

    /** The plan for what the inbox and the ledger hold at a time. */
    static RoundPlan of(TaskInbox inbox, Ledger ledger, DeviceId device, long nowMillis) {
        Announcement announcement = inbox.announcement();
        if (announcement == null || inbox.isCancelled(announcement.getRound())) {
            return NOTHING;
        }
        Action work = work(announcement);
        if (work == Action.NOTHING || work == Action.PREPARE) {
            return new RoundPlan(work, null);
        }
        RoundNumber round = new RoundNumber(announcement.getRound());
        if (ledger.holds(kind(work), new TaskName(announcement.getTask()), round)) {
            return NOTHING;
        }
        if (announcement.getDeadlineMillis() > 0 && nowMillis >= announcement.getDeadlineMillis()) {
            return new RoundPlan(Action.NOTHING, "the deadline has passed");
        }
        if (work == Action.SCORE && !isSelected(announcement, device)) {
            return new RoundPlan(Action.NOTHING, "not selected for this round");
        }
        return new RoundPlan(work, null);
    }

    private static Action work(Announcement announcement) {
        return switch (announcement.getStep()) {
            case STEP_SCORING -> Action.SCORE;
            case STEP_TRAINING -> Action.TRAIN;
            case STEP_PLANNED, STEP_GENERATING, STEP_TUNING, STEP_CURATING -> {
                // While the coordinator works the device has time to get its model ready.
                boolean known =
                        announcement.hasSlmPackage()
                                && announcement.hasTerms()
                                && announcement.hasTraining()
                                && announcement.getLabelsCount() > 0;
                yield known ? Action.PREPARE : Action.NOTHING;
            }
            default -> Action.NOTHING;
        };
    }

    private static boolean isSelected(Announcement announcement, DeviceId device) {
        return Hashes.selects(
                announcement.getSelectionSeed().toByteArray(),
                announcement.getSelectionThreshold(),
                device);
    }

    private static Outgoing.Kind kind(Action work) {
        return work == Action.SCORE ? Outgoing.Kind.SCORES : Outgoing.Kind.TRAINING;
    }

    /** What to do. */
    enum Action {
        NOTHING,
        /** Fetch the package and train the model that scores. */
        PREPARE,
        SCORE,
        TRAIN;

        /** The parts that the action needs, if it needs any. */
        @Nullable PartKind parts() {
            return this == SCORE ? PartKind.BATCH : this == TRAIN ? PartKind.POOL : null;
        }
    }
}
