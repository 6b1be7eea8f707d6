package io.crosslm.edge.internal;

import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.RunOutcome.Result;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.protocol.wire.Announcement;
import java.time.Duration;
import java.util.Collection;

/** One bounded time in which the device is to do what is due. Confined to the caller's thread. */
final class Window {
    /** Below this a device could not connect, hear and say good-bye. */
    static final Duration SHORTEST = Duration.ofSeconds(5);

    /** A device that has not been connected by then has no network, or no broker. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Kept for ending the work and saying good-bye, at most. */
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    private static final long LOOK_MILLIS = 250;

    private final DeviceContext device;
    private final Activity activity;
    private final Collection<TaskInbox> inboxes;
    private final long start = System.nanoTime();
    private final long receiptsBefore;

    Window(DeviceContext device, Activity activity, Collection<TaskInbox> inboxes) {
        this.device = device;
        this.activity = activity;
        this.inboxes = inboxes;
        this.receiptsBefore = receipts();
    }

    /** How long a connection may take to open. */
    static Duration connectTimeout(Duration window, Duration longest) {
        Duration third = window.dividedBy(3);
        return third.compareTo(longest) < 0 ? third : longest;
    }

    /** Milliseconds of a window that are left; 0 when it is over. */
    long millisLeft(Duration window) {
        return Math.max(0, window.toMillis() - (System.nanoTime() - start) / 1_000_000);
    }

    /** Waits until nothing is left to do, or as long as the window leaves time to end in order. */
    Result await(Duration window, Ending ending) throws InterruptedException {
        Duration fifth = window.dividedBy(5);
        Duration work = window.minus(fifth.compareTo(LONGEST_END) < 0 ? fifth : LONGEST_END);
        while (millisLeft(work) > 0) {
            if (ending.isRevoked()) {
                return Result.REVOKED;
            }
            if (ending.isClosed()) {
                return Result.UNFINISHED;
            }
            if (activity.isSettled() && device.ledger().pending().isEmpty()) {
                return idle();
            }
            if (!activity.hasConnected() && millisLeft(PATIENCE) == 0) {
                return Result.OFFLINE;
            }
            activity.await(Math.min(LOOK_MILLIS, millisLeft(work)));
        }
        return activity.hasConnected() ? Result.UNFINISHED : Result.OFFLINE;
    }

    /** What to tell the app of a result. */
    RunOutcome outcome(Result result) {
        int reports = (int) (receipts() - receiptsBefore);
        boolean nothing = result == Result.NO_ROUND || result == Result.NOTHING_DUE;
        // A report of an earlier window may be all that there was to do.
        Result told = nothing && reports > 0 ? Result.DONE : result;
        return new RunOutcome(told, reports, detail(told));
    }

    private Result idle() {
        if (activity.hasWorked()) {
            return Result.DONE;
        }
        for (TaskInbox inbox : inboxes) {
            if (inbox.announcement() != null) {
                return Result.NOTHING_DUE;
            }
        }
        return Result.NO_ROUND;
    }

    private String detail(Result result) {
        return switch (result) {
            case DONE -> "all that was due is done";
            case NO_ROUND -> "no round is open";
            case NOTHING_DUE -> whyNothing();
            case UNFINISHED -> unfinished();
            case WINDOW_TOO_SHORT ->
                    "expected a window of at least " + SHORTEST.toMillis() / 1_000 + " s";
            case OFFLINE -> activity.lostReason();
            case REVOKED -> "the coordinator has revoked this device";
        };
    }

    private String unfinished() {
        int waiting = device.ledger().pending().size();
        return waiting > 0
                ? waiting + " messages wait for their receipt; they are sent again"
                : "the work of the round goes on in the next window";
    }

    private String whyNothing() {
        for (TaskInbox inbox : inboxes) {
            Announcement announcement = inbox.announcement();
            String reason =
                    RoundPlan.of(inbox, device.ledger(), device.id(), device.clock().millis())
                            .reason();
            if (announcement != null && reason != null) {
                return reason;
            }
        }
        return "this device's part of the round's step is done, or cannot be";
    }

    private long receipts() {
        long receipts = 0;
        for (LedgerEntry entry : device.ledger().entries()) {
            receipts += entry.kind().needsReceipt() && entry.isDelivered() ? 1 : 0;
        }
        return receipts;
    }

    /** What ends a window from outside. */
    interface Ending {
        boolean isRevoked();

        boolean isClosed();
    }
}
