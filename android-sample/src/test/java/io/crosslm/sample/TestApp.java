package io.crosslm.sample;

import io.crosslm.edge.onnx.OnnxEngine;
import io.crosslm.edge.tflite.TfliteEngine;
import io.crosslm.sample.device.Surroundings;
import io.crosslm.testkit.FormulaEngine;
import io.crosslm.testkit.InMemoryBroker;
import java.time.Clock;
import java.util.List;

/** The app with a broker, a key store and an engine of the tests. */
public final class TestApp extends SampleApp {
    final InMemoryBroker broker = new InMemoryBroker();
    final MemoryKeys keys = new MemoryKeys();

    @Override
    protected Surroundings surroundings() {
        return new Surroundings(
                List.of(new FormulaEngine(), OnnxEngine.engine(), TfliteEngine.engine()),
                broker,
                keys,
                Clock.systemUTC());
    }

    public InMemoryBroker broker() {
        return broker;
    }

    public MemoryKeys keys() {
        return keys;
    }
}
