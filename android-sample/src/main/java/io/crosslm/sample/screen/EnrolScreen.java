package io.crosslm.sample.screen;

import android.content.ClipData;
import android.content.ClipboardManager;
import android.view.ViewGroup;
import android.widget.Button;
import android.widget.EditText;
import io.crosslm.sample.R;
import io.crosslm.sample.RoundSchedule;
import io.crosslm.sample.device.Setup;
import java.util.List;

/** Where a phone becomes a coordinator's, after two sentences about what will leave it. */
final class EnrolScreen extends Screen {
    private static final int LEAST_LABELS = 2;

    EnrolScreen(MainActivity activity, ViewGroup parent) {
        super(activity, parent, R.layout.screen_enrol);
        find(R.id.paste).setOnClickListener(view -> paste());
        find(R.id.enrol).setOnClickListener(view -> enrol());
    }

    @Override
    void refresh() {
        // What the user has typed stays.
    }

    private void paste() {
        ClipData clip = activity().getSystemService(ClipboardManager.class).getPrimaryClip();
        CharSequence text =
                clip == null || clip.getItemCount() == 0
                        ? ""
                        : clip.getItemAt(0).coerceToText(activity());
        if (text.length() == 0) {
            error(R.id.error, text(R.string.enrol_nothing_to_paste));
            return;
        }
        error(R.id.error, "");
        EditText code = find(R.id.code);
        code.setText(text.toString().trim());
    }

    private void enrol() {
        String code = typed(R.id.code);
        String task = typed(R.id.task);
        List<String> labels = Setup.labels(typed(R.id.labels));
        if (code.isEmpty() || task.isEmpty() || labels.size() < LEAST_LABELS) {
            error(R.id.error, text(R.string.enrol_needs_all));
            return;
        }
        error(R.id.error, "");
        working(true);
        ask(
                device -> {
                    device.enrol(code, task, labels);
                    return device;
                },
                device -> {
                    RoundSchedule.of(activity()).start();
                    activity().restart();
                },
                failure -> {
                    working(false);
                    error(R.id.error, failure);
                });
    }

    private void working(boolean on) {
        Button button = find(R.id.enrol);
        button.setEnabled(!on);
        button.setText(on ? R.string.enrol_working : R.string.enrol_button);
    }

    private String typed(int id) {
        EditText field = find(id);
        return field.getText().toString().trim();
    }
}
