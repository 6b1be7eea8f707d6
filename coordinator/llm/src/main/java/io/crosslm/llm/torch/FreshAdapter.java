package io.crosslm.llm.torch;

import io.crosslm.llm.Adapter;
import io.crosslm.llm.LoraSettings;
import io.crosslm.llm.format.ModelConfiguration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Starts adapters as PEFT does: A uniform in +-1 / sqrt(in), B zero, so that the model is unchanged
 * at first.
 */
final class FreshAdapter {
    private FreshAdapter() {}

    static Adapter of(ModelConfiguration model, LoraSettings settings, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Adapter.Matrices> layers = new LinkedHashMap<>();
        for (int layer = 0; layer < model.layerCount(); layer++) {
            for (int part = 0; part < LayerNames.LINEARS.size(); part++) {
                if (settings.targets().contains(LayerNames.target(part))) {
                    int in = LayerNames.in(model, part);
                    int out = LayerNames.out(model, part);
                    float[] a = new float[settings.rank() * in];
                    double bound = 1 / Math.sqrt(in);
                    for (int i = 0; i < a.length; i++) {
                        a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                    }
                    float[] b = new float[out * settings.rank()];
                    layers.put(LayerNames.linear(layer, part), new Adapter.Matrices(in, out, a, b));
                }
            }
        }
        return Adapter.of(settings.rank(), settings.alpha(), layers);
    }
}
