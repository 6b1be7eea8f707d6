package io.crosslm.sample.screen;

import android.app.AlertDialog;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.widget.RadioButton;
import android.widget.RadioGroup;
import android.widget.Switch;
import android.widget.TextView;
import io.crosslm.edge.DeviceIdentity;
import io.crosslm.sample.R;
import io.crosslm.sample.RoundSchedule;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.device.Setup;

/** What the user decides: whether to take part, with which engine, and the end of it all. */
final class SettingsScreen extends Screen {
    SettingsScreen(MainActivity activity, ViewGroup parent) {
        super(activity, parent, R.layout.screen_settings);
        Device device = SampleApp.of(activity).device();
        device.setup().ifPresent(setup -> showChoices(device, setup));
        device.identity().ifPresent(identity -> showPhone(device, identity));
        find(R.id.delete).setOnClickListener(view -> askToDelete());
    }

    @Override
    void refresh() {
        // What is shown changes only by what is touched here.
    }

    private void showChoices(Device device, Setup setup) {
        Switch pause = find(R.id.pause);
        pause.setChecked(setup.isPaused());
        pause.setOnCheckedChangeListener((view, paused) -> change(on -> on.pause(paused)));
        RadioGroup engines = find(R.id.engines);
        for (String name : device.engines()) {
            RadioButton engine =
                    (RadioButton)
                            LayoutInflater.from(activity())
                                    .inflate(R.layout.row_engine, engines, false);
            engine.setId(View.generateViewId());
            engine.setText(title(name));
            engines.addView(engine);
            engine.setChecked(name.equals(setup.engine()));
            engine.setOnClickListener(view -> change(on -> on.useEngine(name)));
        }
    }

    /** Every engine that the app brings is shown; one without a title here, by its own name. */
    private String title(String engine) {
        return switch (engine) {
            case "onnx" -> text(R.string.engine_onnx);
            case "tflite" -> text(R.string.engine_tflite);
            default -> engine;
        };
    }

    private void showPhone(Device device, DeviceIdentity identity) {
        fact(R.string.settings_device, identity.device().value());
        device.setup()
                .ifPresent(
                        setup -> {
                            fact(R.string.settings_task, setup.task());
                            fact(R.string.settings_labels, String.join(", ", setup.labels()));
                        });
        fact(R.string.settings_coordinator, identity.coordinatorUri().getAuthority());
    }

    private void fact(int name, String value) {
        ViewGroup phone = find(R.id.phone);
        View row = LayoutInflater.from(activity()).inflate(R.layout.row_fact, phone, false);
        TextView title = row.findViewById(R.id.fact_name);
        title.setText(name);
        TextView text = row.findViewById(R.id.fact_value);
        text.setText(value);
        phone.addView(row);
    }

    private void askToDelete() {
        new AlertDialog.Builder(activity())
                .setTitle(R.string.settings_delete_ask)
                .setMessage(R.string.settings_delete_detail)
                .setPositiveButton(R.string.settings_delete_yes, (dialog, which) -> delete())
                .setNegativeButton(R.string.settings_delete_no, null)
                .show();
    }

    private void delete() {
        RoundSchedule.of(activity()).stop();
        ask(
                device -> {
                    device.deleteEverything();
                    return device;
                },
                device -> activity().restart(),
                failure -> error(R.id.error, failure));
    }

    private void change(Change change) {
        ask(
                device -> {
                    change.make(device);
                    return device;
                },
                device -> error(R.id.error, ""),
                failure -> error(R.id.error, failure));
    }

    /** What the user has touched. */
    private interface Change {
        void make(Device device) throws java.io.IOException;
    }
}
