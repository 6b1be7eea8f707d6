package io.crosslm.sample.screen;

import android.app.Activity;
import android.content.Intent;
import android.os.Bundle;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.view.WindowInsets;
import android.widget.ImageView;
import android.widget.TextView;
import io.crosslm.sample.R;
import io.crosslm.sample.RoundSchedule;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Device;
import org.jspecify.annotations.Nullable;

/** The app's window: enrolment first, then four screens behind a bottom navigation. */
public final class MainActivity extends Activity {
    private static final String SHOWN = "shown";
    private static final int PICK_FILE = 1;

    @SuppressWarnings("UnnecessaryLambda") // The object that watches must be the one that ends it.
    private final Runnable news = () -> runOnUiThread(this::refresh);

    private Tab tab = Tab.NOTES;
    private @Nullable Screen screen;

    @Override
    protected void onCreate(@Nullable Bundle saved) {
        super.onCreate(saved);
        setContentView(R.layout.activity_main);
        letContentBehindBars();
        for (Tab each : Tab.values()) {
            addNavigation(each);
        }
        if (saved != null) {
            tab = Tab.valueOf(saved.getString(SHOWN, Tab.NOTES.name()));
        }
        showNow();
    }

    @Override
    protected void onStart() {
        super.onStart();
        device().watch(news);
        if (device().identity().isPresent()) {
            RoundSchedule.of(this).start();
        }
        refresh();
    }

    @Override
    protected void onStop() {
        device().unwatch(news);
        super.onStop();
    }

    @Override
    protected void onSaveInstanceState(Bundle out) {
        super.onSaveInstanceState(out);
        out.putString(SHOWN, tab.name());
    }

    /** Opens the system's file picker; the notes screen gets the file. */
    void pickFile() {
        Intent intent =
                new Intent(Intent.ACTION_OPEN_DOCUMENT)
                        .addCategory(Intent.CATEGORY_OPENABLE)
                        .setType("*/*");
        startActivityForResult(intent, PICK_FILE);
    }

    @Override
    protected void onActivityResult(int request, int result, @Nullable Intent data) {
        super.onActivityResult(request, result, data);
        boolean picked = request == PICK_FILE && result == RESULT_OK;
        if (picked && data != null && data.getData() != null) {
            show(Tab.NOTES);
            if (screen instanceof NotesScreen notes) {
                notes.importFile(data.getData());
            }
        }
    }

    /** Shows the first screen of an enrolled phone, or the enrolment. */
    void restart() {
        tab = Tab.NOTES;
        showNow();
    }

    private void show(Tab wanted) {
        tab = wanted;
        showNow();
    }

    private void showNow() {
        boolean enrolled = device().identity().isPresent();
        ViewGroup content = findViewById(R.id.content);
        Screen next = enrolled ? open(tab, content) : new EnrolScreen(this, content);
        content.removeAllViews();
        content.addView(next.view());
        screen = next;
        findViewById(R.id.navigation_items).setVisibility(enrolled ? View.VISIBLE : View.GONE);
        ViewGroup items = findViewById(R.id.navigation_items);
        for (int i = 0; i < items.getChildCount(); i++) {
            View item = items.getChildAt(i);
            item.setSelected(item.getTag() == tab);
        }
        next.refresh();
    }

    private Screen open(Tab wanted, ViewGroup parent) {
        return switch (wanted) {
            case NOTES -> new NotesScreen(this, parent);
            case LEARN -> new LearnScreen(this, parent);
            case SENT -> new SentScreen(this, parent);
            case SETTINGS -> new SettingsScreen(this, parent);
        };
    }

    private void refresh() {
        if (screen != null && !isDestroyed()) {
            screen.refresh();
        }
    }

    private void addNavigation(Tab to) {
        ViewGroup items = findViewById(R.id.navigation_items);
        View item = LayoutInflater.from(this).inflate(R.layout.navigation_item, items, false);
        ImageView icon = item.findViewById(R.id.item_icon);
        icon.setImageResource(to.icon);
        TextView text = item.findViewById(R.id.item_text);
        text.setText(to.text);
        item.setTag(to);
        item.setOnClickListener(view -> show(to));
        items.addView(item);
    }

    /** The window is drawn edge to edge on every version; what must be touched keeps clear. */
    @SuppressWarnings("deprecation") // Their successors begin at API 30.
    private void letContentBehindBars() {
        View root = findViewById(R.id.root);
        View decor = getWindow().getDecorView();
        decor.setSystemUiVisibility(
                decor.getSystemUiVisibility()
                        | View.SYSTEM_UI_FLAG_LAYOUT_STABLE
                        | View.SYSTEM_UI_FLAG_LAYOUT_FULLSCREEN
                        | View.SYSTEM_UI_FLAG_LAYOUT_HIDE_NAVIGATION);
        View content = findViewById(R.id.content);
        View navigation = findViewById(R.id.navigation);
        root.setOnApplyWindowInsetsListener(
                (view, insets) -> {
                    int left = insets.getSystemWindowInsetLeft();
                    int right = insets.getSystemWindowInsetRight();
                    content.setPadding(left, insets.getSystemWindowInsetTop(), right, 0);
                    navigation.setPadding(left, 0, right, insets.getSystemWindowInsetBottom());
                    return consumed(insets);
                });
    }

    @SuppressWarnings("deprecation") // Its successor begins at API 30.
    private static WindowInsets consumed(WindowInsets insets) {
        return insets.consumeSystemWindowInsets();
    }

    private Device device() {
        return SampleApp.of(this).device();
    }

    /** The screens behind the navigation, in its order. */
    private enum Tab {
        NOTES(R.string.nav_notes, R.drawable.ic_notes),
        LEARN(R.string.nav_learn, R.drawable.ic_learn),
        SENT(R.string.nav_sent, R.drawable.ic_sent),
        SETTINGS(R.string.nav_settings, R.drawable.ic_settings);

        private final int text;
        private final int icon;

        Tab(int text, int icon) {
            this.text = text;
            this.icon = icon;
        }
    }
}
