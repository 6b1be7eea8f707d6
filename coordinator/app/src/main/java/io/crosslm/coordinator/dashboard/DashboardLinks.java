package io.crosslm.coordinator.dashboard;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Links that open the pages without typing the token. */
@Path("/v1/dashboard-links")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Dashboard", description = "The way from a program to the pages")
public final class DashboardLinks {
    private final Sessions sessions;

    DashboardLinks(Sessions sessions) {
        this.sessions = sessions;
    }

    /**
     * A link.
     *
     * @param path below the coordinator's address
     * @param secondsToLive after which it signs nobody in
     */
    @RegisterForReflection
    public record Link(String path, long secondsToLive) {}

    @POST
    @Operation(
            summary = "Make a link that signs a browser in",
            description = "It works once, within secondsToLive.")
    public Link make() {
        return new Link(
                "/ui/sign-in?code=" + sessions.newLink().reveal(),
                Sessions.LINK_LENGTH.toSeconds());
    }
}
