package io.crosslm.sample;

import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.ComponentName;
import android.content.Context;
import java.time.Duration;

/** When the system lets the phone learn: while it charges, on an unmetered network, unused. */
public final class RoundSchedule {
    /** The job that comes again and again: {@value}. */
    static final int REGULAR = 1;

    /** The job that the user has asked for: {@value}. */
    static final int NOW = 2;

    private static final Duration PERIOD = Duration.ofMinutes(15);

    private final Context context;

    private RoundSchedule(Context context) {
        this.context = context;
    }

    public static RoundSchedule of(Context context) {
        return new RoundSchedule(context.getApplicationContext());
    }

    /** Asks for windows from now on; survives a restart of the phone. */
    public void start() {
        if (scheduler().getPendingJob(REGULAR) == null) {
            scheduler()
                    .schedule(
                            job(REGULAR)
                                    .setRequiresCharging(true)
                                    .setRequiresDeviceIdle(true)
                                    .setRequiredNetworkType(JobInfo.NETWORK_TYPE_UNMETERED)
                                    .setPeriodic(PERIOD.toMillis())
                                    .setPersisted(true)
                                    .build());
        }
    }

    /** Asks for one window as soon as there is any network. */
    public void runNow() {
        scheduler().schedule(job(NOW).setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY).build());
    }

    /** No more windows. */
    public void stop() {
        scheduler().cancelAll();
    }

    private JobInfo.Builder job(int id) {
        return new JobInfo.Builder(id, new ComponentName(context, RoundsJob.class));
    }

    private JobScheduler scheduler() {
        return context.getSystemService(JobScheduler.class);
    }
}
