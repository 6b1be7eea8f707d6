package io.crosslm.edge.internal;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does the work of all tasks in turn, until stopped. Runs on one thread, which owns the models. */
final class RoundWorker implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(RoundWorker.class);

    private static final long AFTER_ERROR_MILLIS = 10_000;

    private final List<TaskWork> tasks;
    private final Signal signal;
    private final Activity activity;
    private final BooleanSupplier running;

    RoundWorker(List<TaskWork> tasks, Signal signal, Activity activity, BooleanSupplier running) {
        this.tasks = tasks;
        this.signal = signal;
        this.activity = activity;
        this.running = running;
    }

    @Override
    public void run() {
        try {
            while (running.getAsBoolean()) {
                long inputs = activity.working();
                long pause = TaskWork.IDLE_MILLIS;
                boolean left = false;
                for (TaskWork task : tasks) {
                    pause = Math.min(pause, step(task));
                    left |= task.isDue();
                }
                if (pause > 0) {
                    activity.rested(inputs, left);
                } else {
                    activity.worked();
                }
                signal.await(pause);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long step(TaskWork task) {
        try {
            return task.step();
        } catch (RuntimeException | OutOfMemoryError e) {
            // An engine, an example source or a listener that threw what it should not.
            log.error("a job ended on an error; it is tried again", e);
            return AFTER_ERROR_MILLIS;
        }
    }
}
