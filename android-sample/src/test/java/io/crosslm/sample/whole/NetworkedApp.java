package io.crosslm.sample.whole;

import io.crosslm.sample.MemoryKeys;
import io.crosslm.sample.SampleApp;
import io.crosslm.sample.device.Surroundings;

/** The app with the engines and the network that it ships; only the key store is a test's. */
public final class NetworkedApp extends SampleApp {
    private final MemoryKeys keys = new MemoryKeys();

    @Override
    protected Surroundings surroundings() {
        Surroundings shipped = Surroundings.ofThePhone();
        return new Surroundings(shipped.engines(), shipped.link(), keys, shipped.clock());
    }

    /** The same phone's, for a process after this one. */
    Surroundings again() {
        return surroundings();
    }
}
