package io.crosslm.sample.device;

import io.crosslm.edge.link.DeviceLink;
import io.crosslm.edge.link.PahoLink;
import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.tflite.TfliteEngine;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;

/**
 * What a device is given by the world around it.
 *
 * @param engines to choose from, the default first; at least one
 */
public record Surroundings(
        List<ModelEngine> engines, DeviceLink link, SealedSecrets.KeyStorage keys, Clock clock) {
    public Surroundings {
        if (engines.isEmpty()) {
            throw new IllegalArgumentException(
                    "expected an engine among the app's services, but there is none; add"
                            + " crosslm-edge-onnx");
        }
        engines = Collections.unmodifiableList(new ArrayList<>(engines));
    }

    /** Every engine that the app brings for this processor, the network, Android's key store. */
    public static Surroundings ofThePhone() {
        List<ModelEngine> engines = new ArrayList<>();
        for (ModelEngine engine : ServiceLoader.load(ModelEngine.class)) {
            // Its library is not in the packages of all processors.
            if (!engine.name().equals(TfliteEngine.NAME) || TfliteEngine.isAvailable()) {
                engines.add(engine);
            }
        }
        return new Surroundings(
                engines, new PahoLink(), new AndroidKeyStorage(), Clock.systemUTC());
    }
}
