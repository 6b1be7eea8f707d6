package com.example;

import android.app.job.JobInfo;
import android.app.job.JobParameters;
import android.app.job.JobScheduler;
import android.app.job.JobService;
import android.content.ComponentName;
import android.content.Context;

import io.crosslm.edge.EdgeException;
import io.crosslm.edge.RunOutcome;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A window that the system gives: charging, unmetered, idle. The app extends it, says how its
 * library is opened, and names it in its manifest.
 */
public abstract class LearningJob extends JobService {
    private static final int JOB = 1;
    private static final Duration PERIOD = Duration.ofHours(1);

    /** The system stops a job after ten minutes; the good-bye needs some of the last. */
    private static final Duration WINDOW = Duration.ofMinutes(9);

    private final ExecutorService work = Executors.newSingleThreadExecutor();
    private final ExecutorService ends = Executors.newSingleThreadExecutor();

    /** The last one that began; confined to the main thread. */
    private Window window = new Window();

    /** Opens the app's library; called off the main thread. */
    protected abstract NoteLearning open();

    /** Asks the system for windows from now on. */
    public static void schedule(Context context, Class<? extends LearningJob> job) {
        context.getSystemService(JobScheduler.class)
                .schedule(
                        new JobInfo.Builder(JOB, new ComponentName(context, job))
                                .setRequiresCharging(true)
                                .setRequiresDeviceIdle(true)
                                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_UNMETERED)
                                .setPeriodic(PERIOD.toMillis())
                                .build());
    }

    @Override
    public boolean onStartJob(JobParameters job) {
        Window begun = new Window();
        window = begun;
        work.execute(() -> learn(job, begun));
        return true;
    }

    @Override
    public boolean onStopJob(JobParameters job) {
        ends.execute(window::end);
        return true;
    }

    @Override
    public void onDestroy() {
        work.shutdown();
        ends.shutdown();
        super.onDestroy();
    }

    private void learn(JobParameters job, Window begun) {
        boolean again = false;
        try (NoteLearning learning = open()) {
            if (begun.uses(learning)) {
                again = learning.learn(WINDOW).result() == RunOutcome.Result.UNFINISHED;
            }
        } catch (EdgeException e) {
            // What went wrong has a code; the next window tries again.
            again = true;
        } finally {
            jobFinished(job, again);
        }
    }

    /** Can be ended before its library is open, too. Thread-safe. */
    private static final class Window {
        private boolean ended;
        private NoteLearning learning;

        /** Whether the library may still begin. */
        synchronized boolean uses(NoteLearning opened) {
            learning = opened;
            return !ended;
        }

        void end() {
            NoteLearning opened;
            synchronized (this) {
                ended = true;
                opened = learning;
            }
            if (opened != null) {
                opened.close();
            }
        }
    }
}
