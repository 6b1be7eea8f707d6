package io.crosslm.coordinator.slm;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.encoder.EncoderSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The encoders that tasks may build small models on, by the names that task files use. Immutable.
 */
public final class Encoders {
    private final Map<String, Place> places;

    private Encoders(Map<String, Place> places) {
        this.places = new TreeMap<>(places);
    }

    /**
     * Where an encoder lies.
     *
     * @param path as {@link EncoderSource#at} takes it
     * @param licence an SPDX identifier
     */
    public record Place(Path path, String licence) {}

    /** MiniLM, which is part of the product, and others. */
    public static Encoders with(Map<String, Place> others) {
        if (others.containsKey(SmallModel.OnEncoder.DEFAULT_ENCODER)) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.slm.encoders."
                            + SmallModel.OnEncoder.DEFAULT_ENCODER
                            + " names the encoder that is part of the product; take another name");
        }
        return new Encoders(others);
    }

    /**
     * The encoder of a name.
     *
     * @throws CoordinatorException if the name is not known, or there is no encoder at its place
     */
    EncoderSource named(String name) {
        if (name.equals(SmallModel.OnEncoder.DEFAULT_ENCODER)) {
            return EncoderSource.miniLm();
        }
        Place place = places.get(name);
        if (place == null) {
            TreeSet<String> known = new TreeSet<>(places.keySet());
            known.add(SmallModel.OnEncoder.DEFAULT_ENCODER);
            throw new CoordinatorException(
                    Code.BAD_TASK,
                    "settings.models: expected an encoder out of "
                            + known
                            + " but got \""
                            + name
                            + "\"; the coordinator's setting crosslm.slm.encoders."
                            + name
                            + ".path makes it known");
        }
        try {
            return EncoderSource.at(place.path(), place.licence());
        } catch (SlmException e) {
            throw new CoordinatorException(
                    Code.BAD_SETTING,
                    "crosslm.slm.encoders." + name + ".path: " + e.getMessage(),
                    e);
        }
    }
}
