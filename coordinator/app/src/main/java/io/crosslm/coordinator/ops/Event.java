package io.crosslm.coordinator.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, for whoever watches.
 *
 * @param type step, report, progress, waiting, error or device
 * @param detail what else is to be said, by name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(
        description =
                "Something that happened; type is step, report, progress, waiting, error or device.")
public record Event(
        String type,
        @Nullable String task,
        @Nullable Integer round,
        @Nullable String step,
        Map<String, Object> detail) {
    public Event {
        detail = Map.copyOf(detail);
    }

    /** An event that belongs to no round. */
    static Event of(String type, Map<String, Object> detail) {
        return new Event(type, null, null, null, detail);
    }
}
