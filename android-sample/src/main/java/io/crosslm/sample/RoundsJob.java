package io.crosslm.sample;

import android.app.job.JobParameters;
import android.app.job.JobService;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.RunOutcome;
import io.crosslm.sample.device.Device;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A window that the system gives: the phone does what is due in its task's round. */
public final class RoundsJob extends JobService {
    private static final Logger log = LoggerFactory.getLogger(RoundsJob.class);

    /** The system stops a job after ten minutes; the good-bye needs some of the last. */
    private static final Duration WINDOW = Duration.ofMinutes(9);

    /** Whether the last window that began has ended; the main thread replaces it. */
    private AtomicBoolean ended = new AtomicBoolean();

    @Override
    public boolean onStartJob(JobParameters job) {
        SampleApp app = SampleApp.of(this);
        AtomicBoolean end = new AtomicBoolean();
        ended = end;
        app.rounds().execute(() -> run(app, job, end::get));
        return true;
    }

    @Override
    public boolean onStopJob(JobParameters job) {
        SampleApp app = SampleApp.of(this);
        // Before the client is open there is nothing to stop: the window then does not begin.
        ended.set(true);
        app.background().execute(() -> app.device().stop());
        return true;
    }

    private void run(SampleApp app, JobParameters job, BooleanSupplier end) {
        boolean again = false;
        try {
            Device device = app.device();
            boolean wanted =
                    device.identity().isPresent()
                            && !device.setup().orElseThrow(IllegalStateException::new).isPaused();
            if (wanted) {
                RunOutcome outcome = device.run(WINDOW, end);
                again = outcome.result() == RunOutcome.Result.UNFINISHED;
                if (outcome.result() == RunOutcome.Result.REVOKED) {
                    RoundSchedule.of(this).stop();
                }
            }
        } catch (EdgeException e) {
            // The screen tells it too; a window must not end the app.
            log.warn("the window could not be used: {}", e.getMessage());
        } finally {
            jobFinished(job, again);
        }
    }
}
