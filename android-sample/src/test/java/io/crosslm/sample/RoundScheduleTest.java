package io.crosslm.sample;

import static org.assertj.core.api.Assertions.assertThat;

import android.app.job.JobInfo;
import android.app.job.JobScheduler;
import android.content.Context;
import java.util.List;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.RuntimeEnvironment;

@RunWith(RobolectricTestRunner.class)
public final class RoundScheduleTest {
    private final Context context = RuntimeEnvironment.getApplication();
    private final RoundSchedule schedule = RoundSchedule.of(context);

    static List<JobInfo> pending(Context context) {
        return context.getSystemService(JobScheduler.class).getAllPendingJobs();
    }

    @Test
    public void start_asksForWindowsThatDisturbNobody() {
        schedule.start();
        assertThat(pending(context))
                .singleElement()
                .satisfies(
                        job -> {
                            assertThat(job.isRequireCharging()).isTrue();
                            assertThat(job.isRequireDeviceIdle()).isTrue();
                            assertThat(job.getNetworkType())
                                    .isEqualTo(JobInfo.NETWORK_TYPE_UNMETERED);
                            assertThat(job.isPeriodic()).isTrue();
                            assertThat(job.isPersisted()).isTrue();
                        });
    }

    @Test
    public void start_twice_keepsTheFirstJob() {
        schedule.start();
        schedule.start();
        assertThat(pending(context)).hasSize(1);
    }

    @Test
    public void runNow_asksForOneWindowOnAnyNetwork() {
        schedule.runNow();
        assertThat(pending(context))
                .singleElement()
                .satisfies(
                        job -> {
                            assertThat(job.isRequireCharging()).isFalse();
                            assertThat(job.isPeriodic()).isFalse();
                            assertThat(job.getNetworkType()).isEqualTo(JobInfo.NETWORK_TYPE_ANY);
                        });
    }

    @Test
    public void stop_leavesNoJob() {
        schedule.start();
        schedule.runNow();
        schedule.stop();
        assertThat(pending(context)).isEmpty();
    }
}
