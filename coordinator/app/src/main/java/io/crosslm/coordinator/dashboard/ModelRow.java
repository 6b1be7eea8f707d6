package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.round.RoundDocuments.ModelGain;
import java.util.Locale;

/**
 * What the latest closed round brought the devices with one of the task's models.
 *
 * @param gain in percentage points, with its sign
 */
public record ModelRow(String name, int devices, String standalone, String withPool, String gain) {
    static ModelRow of(ModelGain model) {
        return new ModelRow(
                model.model(),
                model.devices(),
                Figures.percent(Double.valueOf(model.standalone())),
                Figures.percent(Double.valueOf(model.withPool())),
                String.format(Locale.ROOT, "%+.1f", 100 * model.gain()));
    }
}
