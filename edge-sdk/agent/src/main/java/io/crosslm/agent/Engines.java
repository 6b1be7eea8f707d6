package io.crosslm.agent;

import io.crosslm.agent.AgentException.Code;
import io.crosslm.edge.model.ModelEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The engines on the class path, found as services. */
final class Engines {
    private Engines() {}

    /**
     * The engine of a name.
     *
     * @throws AgentException if there is none, or one on the class path cannot be loaded
     */
    static ModelEngine named(String name, int threads) {
        List<String> found = new ArrayList<>();
        try {
            for (ModelEngine engine : ServiceLoader.load(ModelEngine.class)) {
                if (engine.name().equals(name)) {
                    return engine.withThreads(threads);
                }
                found.add(engine.name());
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new AgentException(
                    Code.NO_ENGINE,
                    "an engine on the class path cannot be loaded; is its native library made for"
                            + " this machine?",
                    e);
        }
        throw new AgentException(
                Code.NO_ENGINE,
                "no engine \"" + name + "\" is on the class path; there are " + found);
    }
}
