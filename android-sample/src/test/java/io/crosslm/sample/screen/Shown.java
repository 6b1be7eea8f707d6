package io.crosslm.sample.screen;

import static org.robolectric.Shadows.shadowOf;

import android.graphics.Bitmap;
import android.graphics.Canvas;
import android.os.Build;
import android.os.Looper;
import android.view.View;
import android.view.ViewGroup;
import android.widget.TextView;
import io.crosslm.sample.R;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.robolectric.Robolectric;
import org.robolectric.android.controller.ActivityController;

/** The activity on a test's screen. */
final class Shown implements AutoCloseable {
    private final ActivityController<MainActivity> controller =
            Robolectric.buildActivity(MainActivity.class).setup();

    MainActivity activity() {
        return controller.get();
    }

    <V extends View> V find(int id) {
        V view = activity().findViewById(id);
        if (view == null) {
            throw new AssertionError("the screen has no such view");
        }
        return view;
    }

    String text(int id) {
        TextView view = find(id);
        return view.getText().toString();
    }

    boolean isShown(int id) {
        return find(id).getVisibility() == View.VISIBLE;
    }

    void click(int id) {
        find(id).performClick();
        idle();
    }

    /** Opens a screen by its place in the navigation. */
    void navigate(int place) {
        ViewGroup items = find(R.id.navigation_items);
        items.getChildAt(place).performClick();
        idle();
    }

    void type(int id, String text) {
        TextView field = find(id);
        field.setText(text);
        idle();
    }

    static void idle() {
        shadowOf(Looper.getMainLooper()).idle();
    }

    /** Draws what is shown into target/screenshots. */
    Path draw(String name) throws IOException {
        idle();
        View view = activity().getWindow().getDecorView();
        Bitmap bitmap =
                Bitmap.createBitmap(view.getWidth(), view.getHeight(), Bitmap.Config.ARGB_8888);
        view.draw(new Canvas(bitmap));
        Path directory = Path.of(System.getProperty("screenshots", "target/screenshots"));
        Files.createDirectories(directory);
        Path file = directory.resolve(name + "-" + Build.VERSION.SDK_INT + ".png");
        try (OutputStream out = Files.newOutputStream(file)) {
            bitmap.compress(Bitmap.CompressFormat.PNG, 100, out);
        }
        return file;
    }

    @Override
    public void close() {
        controller.pause().stop().destroy();
    }
}
