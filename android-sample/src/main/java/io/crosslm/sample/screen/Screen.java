package io.crosslm.sample.screen;

import android.graphics.Rect;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.widget.TextView;
import io.crosslm.edge.EdgeException;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the pages that the activity shows. A subclass shows what the device says in {@link
 * #refresh}. Confined to the main thread.
 */
abstract class Screen {
    private static final Logger log = LoggerFactory.getLogger(Screen.class);

    private final MainActivity activity;
    private final View view;

    Screen(MainActivity activity, ViewGroup parent, int layout) {
        this.activity = activity;
        this.view = LayoutInflater.from(activity).inflate(layout, parent, false);
    }

    /** Shows what is so now; called when the screen appears and when the device has news. */
    abstract void refresh();

    final View view() {
        return view;
    }

    final MainActivity activity() {
        return activity;
    }

    @SuppressWarnings("TypeParameterUnusedInFormals") // As Android's own method.
    final <V extends View> V find(int id) {
        return view.findViewById(id);
    }

    final String text(int id, Object... arguments) {
        return activity.getString(id, arguments);
    }

    final void show(int id, boolean shown) {
        find(id).setVisibility(shown ? View.VISIBLE : View.GONE);
    }

    /** Shows or, without a message, hides the screen's error. */
    final void error(int id, String message) {
        TextView error = find(id);
        error.setText(message);
        show(id, !message.isEmpty());
        if (!message.isEmpty()) {
            // Below the fold it would tell nobody.
            view.post(() -> error.requestRectangleOnScreen(new Rect(0, 0, 1, error.getHeight())));
        }
    }

    /**
     * Asks the device on the background thread and shows the answer if the screen is still there.
     */
    final <T> void ask(Question<T> question, Consumer<T> answer, Consumer<String> failure) {
        SampleApp app = SampleApp.of(activity);
        app.background()
                .execute(
                        () -> {
                            try {
                                T found = question.ask(app.device());
                                deliver(() -> answer.accept(found));
                            } catch (EdgeException | IOException | UncheckedIOException e) {
                                log.warn("a screen gets no answer: {}", e.toString());
                                deliver(() -> failure.accept(String.valueOf(e.getMessage())));
                            }
                        });
    }

    private void deliver(Runnable action) {
        activity.runOnUiThread(
                () -> {
                    if (!activity.isDestroyed()) {
                        action.run();
                    }
                });
    }

    /** Something that takes too long for the main thread. */
    interface Question<T> {
        T ask(Device device) throws IOException;
    }
}
