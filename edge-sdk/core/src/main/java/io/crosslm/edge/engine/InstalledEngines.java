package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelEngine;
import io.crosslm.edge.model.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** The engines on the class path, found as services. */
public final class InstalledEngines {
    private InstalledEngines() {}

    /**
     * The engine that an unpacked package is made for.
     *
     * @throws ModelException if the package is damaged, or its engine is not on the class path
     */
    public static ModelEngine forPackage(Path packageDirectory) {
        String name = PackageManifest.read(packageDirectory).engine();
        List<String> found = new ArrayList<>();
        try {
            for (ModelEngine engine : ServiceLoader.load(ModelEngine.class)) {
                if (engine.name().equals(name)) {
                    return engine;
                }
                found.add(engine.name());
            }
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new ModelException(
                    ModelException.Code.RUNTIME,
                    "an engine on the class path cannot be loaded; is its native library made for"
                            + " this machine?",
                    e);
        }
        throw new ModelException(
                ModelException.Code.OTHER_ENGINE,
                "the package is made for engine "
                        + name
                        + ", but on the class path are only "
                        + found
                        + "; add the library crosslm-edge-"
                        + name);
    }
}
