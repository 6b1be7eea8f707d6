package io.crosslm.sample.screen;

import android.text.format.DateUtils;
import android.view.ViewGroup;
import android.widget.ImageView;
import android.widget.ProgressBar;
import android.widget.TextView;
import io.crosslm.edge.RunOutcome;
import io.crosslm.sample.R;
import io.crosslm.sample.RoundSchedule;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.device.Progress;
import io.crosslm.sample.device.Setup;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How far the learning is, what it gave, and why nothing was done. */
final class LearnScreen extends Screen {
    LearnScreen(MainActivity activity, ViewGroup parent) {
        super(activity, parent, R.layout.screen_learn);
        find(R.id.run_now)
                .setOnClickListener(
                        view -> {
                            RoundSchedule.of(activity).runNow();
                            show(R.id.asked, true);
                        });
    }

    @Override
    void refresh() {
        Device device = SampleApp.of(activity()).device();
        Progress progress = device.progress();
        boolean paused = device.setup().map(Setup::isPaused).orElse(false);
        boolean revoked = progress.revoked() != null;
        showState(progress, device.isRunning(), paused);
        show(R.id.running, device.isRunning());
        find(R.id.run_now).setEnabled(!device.isRunning() && !paused && !revoked);
        if (device.isRunning()) {
            show(R.id.asked, false);
        }
        showTraining(progress.training());
        showWindow(progress.window());
        show(R.id.problem_card, progress.problem() != null);
        set(R.id.problem, progress.problem() == null ? "" : progress.problem());
    }

    private void showState(Progress progress, boolean running, boolean paused) {
        ImageView icon = find(R.id.state_icon);
        String round = text(R.string.learn_round, progress.round(), text(step(progress.step())));
        if (progress.revoked() != null) {
            icon.setImageResource(R.drawable.ic_blocked);
            set(R.id.state, text(R.string.learn_revoked));
            set(
                    R.id.state_detail,
                    text(R.string.learn_revoked_detail)
                            + "\n"
                            + text(R.string.learn_reason, progress.revoked()));
        } else if (paused) {
            icon.setImageResource(R.drawable.ic_pause);
            set(R.id.state, text(R.string.learn_paused));
            set(R.id.state_detail, text(R.string.learn_paused_detail));
        } else if (running) {
            icon.setImageResource(R.drawable.ic_learn);
            set(R.id.state, progress.round() == 0 ? text(R.string.learn_running) : round);
            set(R.id.state_detail, text(R.string.learn_running_detail));
        } else {
            icon.setImageResource(R.drawable.ic_learn);
            set(R.id.state, progress.round() == 0 ? text(R.string.learn_waiting) : round);
            set(R.id.state_detail, idle(progress));
        }
    }

    private String idle(Progress progress) {
        if (progress.skipped() != null) {
            return text(R.string.learn_skipped, progress.skipped());
        }
        return text(
                progress.round() == 0
                        ? R.string.learn_waiting_detail
                        : R.string.learn_round_detail);
    }

    private void showTraining(Progress.@Nullable Training training) {
        show(R.id.result, training != null);
        if (training == null) {
            set(R.id.result_round, text(R.string.learn_no_result));
            return;
        }
        set(
                R.id.result_round,
                text(R.string.learn_result_round, training.round(), training.notes()));
        bar(R.string.learn_result_alone, R.id.alone, R.id.alone_bar, training.alone(), training);
        bar(
                R.string.learn_result_together,
                R.id.together,
                R.id.together_bar,
                training.together(),
                training);
        set(
                R.id.kept,
                text(training.isKept() ? R.string.learn_kept_new : R.string.learn_kept_before));
    }

    private void bar(int name, int label, int bar, int right, Progress.Training training) {
        set(
                label,
                text(
                        R.string.learn_result_line,
                        text(name),
                        text(R.string.learn_result_of, right, training.notes())));
        ProgressBar shown = find(bar);
        shown.setMax(Math.max(1, training.notes()));
        shown.setProgress(right);
    }

    private void showWindow(Progress.@Nullable LastWindow window) {
        if (window == null) {
            set(R.id.window, text(R.string.learn_no_window));
            show(R.id.window_detail, false);
            return;
        }
        set(R.id.window, text(result(window.result())));
        show(R.id.window_detail, true);
        set(
                R.id.window_detail,
                text(R.string.learn_window_line, ago(window.at()), window.detail()));
    }

    private CharSequence ago(Instant then) {
        long now = System.currentTimeMillis();
        return now - then.toEpochMilli() < DateUtils.MINUTE_IN_MILLIS
                ? text(R.string.learn_just_now)
                : DateUtils.getRelativeTimeSpanString(
                        then.toEpochMilli(), now, DateUtils.MINUTE_IN_MILLIS);
    }

    private void set(int id, String text) {
        TextView view = find(id);
        view.setText(text);
    }

    private static int step(String name) {
        return switch (name) {
            case "PLANNED" -> R.string.step_planned;
            case "GENERATING" -> R.string.step_generating;
            case "SCORING" -> R.string.step_scoring;
            case "TUNING" -> R.string.step_tuning;
            case "CURATING" -> R.string.step_curating;
            case "TRAINING" -> R.string.step_training;
            case "CLOSED" -> R.string.step_closed;
            default -> R.string.step_other;
        };
    }

    private static int result(RunOutcome.Result result) {
        return switch (result) {
            case DONE -> R.string.result_done;
            case NO_ROUND -> R.string.result_no_round;
            case NOTHING_DUE -> R.string.result_nothing_due;
            case UNFINISHED -> R.string.result_unfinished;
            case WINDOW_TOO_SHORT -> R.string.result_window_too_short;
            case OFFLINE -> R.string.result_offline;
            case REVOKED -> R.string.result_revoked;
        };
    }
}
