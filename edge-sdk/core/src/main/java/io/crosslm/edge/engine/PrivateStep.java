package io.crosslm.edge.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a step with differential privacy needs besides its rows: gradients are clipped one by one,
 * summed, the noise is added, and all is divided by the expected number of rows. Immutable; used
 * once.
 *
 * @param clipNorm largest L2 norm of a row's gradient over all parameters together
 * @param expectedRows what the noisy sum is divided by, however many rows there are
 * @param noise for each parameter by name, already scaled
 */
public record PrivateStep(double clipNorm, double expectedRows, Map<String, float[]> noise) {
    public PrivateStep {
        noise = Collections.unmodifiableMap(new LinkedHashMap<>(noise));
    }
}
