package io.crosslm.sample.device;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.crosslm.edge.EdgeException;
import io.crosslm.edge.EdgeListener;
import io.crosslm.edge.RunOutcome;
import io.crosslm.edge.TrainingOutcome;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what the library tells, over the end of the process, and says when there is news.
 * Thread-safe.
 */
final class ProgressLog implements EdgeListener {
    private static final Logger log = LoggerFactory.getLogger(ProgressLog.class);

    private final Path file;
    private final Runnable news;

    @GuardedBy("this")
    private Progress progress;

    private ProgressLog(Path file, Runnable news, Progress progress) {
        this.file = file;
        this.news = news;
        this.progress = progress;
    }

    /**
     * A log in a file.
     *
     * @param news run on the library's threads; it must return soon
     */
    static ProgressLog open(Path file, Runnable news) throws IOException {
        return new ProgressLog(file, news, Progress.read(file));
    }

    synchronized Progress progress() {
        return progress;
    }

    void ended(RunOutcome outcome, Instant at) {
        change(now -> now.ended(outcome, at));
    }

    @Override
    public void announced(TaskName task, RoundNumber round, String step, Instant deadline) {
        change(now -> now.announced(round.value(), step));
    }

    @Override
    public void skipped(TaskName task, RoundNumber round, String step, String reason) {
        change(now -> now.skipped(round.value(), step, reason));
    }

    @Override
    public void trained(TaskName task, RoundNumber round, TrainingOutcome outcome) {
        change(now -> now.trained(round.value(), outcome));
    }

    @Override
    public void receipted(TaskName task, RoundNumber round, String what, String status) {
        news.run();
    }

    @Override
    public void revoked(String reason) {
        change(now -> now.revoked(reason));
    }

    @Override
    public void problem(EdgeException problem) {
        if (problem.code() != EdgeException.Code.REVOKED) {
            change(now -> now.problem(String.valueOf(problem.getMessage())));
        }
    }

    private void change(UnaryOperator<Progress> change) {
        synchronized (this) {
            progress = change.apply(progress);
            try {
                // Under the lock: the order of the files is the order of the changes.
                progress.write(file);
            } catch (IOException e) {
                log.warn("the progress is not kept: {}", e.toString());
            }
        }
        news.run();
    }
}
