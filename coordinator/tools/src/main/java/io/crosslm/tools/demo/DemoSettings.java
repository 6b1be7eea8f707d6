package io.crosslm.tools.demo;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a demo runs.
 *
 * @param data folder with the task's data files, if it does not bring its own
 * @param agents number of devices
 * @param fleet small models of the devices, one after the other and again from the first
 * @param examples private training examples of a device
 * @param samples synthetic texts a round; 0 leaves it to the task
 * @param quick fewer tuning steps and replay texts
 * @param model catalogue name or path
 * @param general passages that tuning must not unlearn
 * @param tls whether HTTP and MQTT are encrypted, as they are between machines
 * @param work folder for everything that the processes write
 * @param report JSON file to write
 */
record DemoSettings(
        DemoTask task,
        @Nullable Path data,
        int agents,
        List<FleetModel> fleet,
        int rounds,
        int examples,
        int samples,
        boolean quick,
        long seed,
        String model,
        @Nullable String dataType,
        @Nullable Path general,
        boolean tls,
        Path work,
        @Nullable Path report) {
    /** The fleet's models without those that come again. */
    List<FleetModel> models() {
        return fleet.stream().distinct().toList();
    }

    /** The model of a device, by its place among the devices. */
    FleetModel model(int device) {
        return fleet.get(device % fleet.size());
    }
}
