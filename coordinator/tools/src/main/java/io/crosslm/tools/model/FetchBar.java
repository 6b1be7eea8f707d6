package io.crosslm.tools.model;

import io.crosslm.llm.source.FetchListener;
import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Draws the progress of a download. Confined to the downloading thread. */
final class FetchBar implements FetchListener, AutoCloseable {
    private static final int MEGABYTE = 1_000_000;

    private final PrintWriter out;
    private @Nullable ProgressBar bar;

    /**
     * A bar that says on {@code out} which source is tried; the bar itself goes to standard error.
     */
    public FetchBar(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void trying(String source) {
        out.println("fetching the model from " + source + " ...");
        out.flush();
    }

    @Override
    public void received(long bytes, long bytesInAll) {
        if (bar == null) {
            bar =
                    new ProgressBarBuilder()
                            .setInitialMax(bytesInAll)
                            .setStyle(ProgressBarStyle.ASCII)
                            .setUnit(" MB", MEGABYTE)
                            .setUpdateIntervalMillis(500)
                            .build();
        }
        bar.stepTo(bytes);
    }

    @Override
    public void failed(String source, String reason) {
        close();
        out.println("  that did not work: " + reason);
        out.flush();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
