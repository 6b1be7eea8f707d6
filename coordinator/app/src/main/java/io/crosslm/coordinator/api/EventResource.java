package io.crosslm.coordinator.api;

import io.crosslm.coordinator.ops.Event;
import io.crosslm.coordinator.ops.EventFeed;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;

/** What happens, as it happens. */
@Path("/v1/events")
@Tag(name = "Events", description = "Server-sent events for dashboards and scripts")
public final class EventResource {
    private final EventFeed feed;

    EventResource(EventFeed feed) {
        this.feed = feed;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @RestStreamElementType(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Follow steps, reports, progress and devices",
            description = "Events from now on; a listener that does not keep up misses some.")
    public Multi<Event> follow() {
        return feed.events();
    }
}
