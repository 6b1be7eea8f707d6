package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.ops.AdminToken;
import io.crosslm.coordinator.ops.Event;
import io.crosslm.coordinator.ops.EventFeed;
import io.crosslm.coordinator.task.TaskDefinition;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.net.URI;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** The operators' pages below /ui; all but the sign-in want a session. */
@Path("/ui")
@Produces(MediaType.TEXT_HTML)
public final class DashboardResource {
    /** Of the session; only this path gets it, and no script. */
    static final String COOKIE = "crosslm-session";

    private final Sessions sessions;
    private final AdminToken admin;
    private final FleetTable fleet;
    private final TaskPages tasks;
    private final SamplePages samples;
    private final EventFeed feed;

    DashboardResource(
            Sessions sessions,
            AdminToken admin,
            FleetTable fleet,
            TaskPages tasks,
            SamplePages samples,
            EventFeed feed) {
        this.sessions = sessions;
        this.admin = admin;
        this.fleet = fleet;
        this.tasks = tasks;
        this.samples = samples;
        this.feed = feed;
    }

    @GET
    @Operation(hidden = true)
    public TemplateInstance overview() {
        return Pages.overview(fleet.page(), tasks.cards());
    }

    @GET
    @Path("/fleet")
    @Operation(hidden = true)
    public TemplateInstance fleet() {
        return Pages.fleet(fleet.page());
    }

    @GET
    @Path("/tasks")
    @Operation(hidden = true)
    public TemplateInstance tasks() {
        return Pages.tasks(tasks.cards());
    }

    @GET
    @Path("/tasks/{task}")
    @Operation(hidden = true)
    public TemplateInstance task(@PathParam("task") String name) {
        TaskDefinition task = tasks.find(name);
        return Pages.task(
                tasks.card(task), tasks.live(task), tasks.rounds(task), tasks.models(task));
    }

    @GET
    @Path("/tasks/{task}/live")
    @Operation(hidden = true)
    public TemplateInstance live(@PathParam("task") String name) {
        TaskDefinition task = tasks.find(name);
        return Pages.live(
                tasks.card(task), tasks.live(task), tasks.rounds(task), tasks.models(task));
    }

    @GET
    @Path("/tasks/{task}/quality")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(hidden = true)
    public QualityCurve quality(@PathParam("task") String name) {
        return tasks.quality(tasks.find(name), fleet.names());
    }

    @GET
    @Path("/tasks/{task}/rounds/{round}")
    @Operation(hidden = true)
    public TemplateInstance samples(
            @PathParam("task") String task,
            @PathParam("round") int round,
            @QueryParam("offset") @DefaultValue("0") int offset) {
        return Pages.samples(samples.page(task, round, Math.max(0, offset)));
    }

    @GET
    @Path("/events")
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(hidden = true)
    public Multi<OutboundSseEvent> events(@Context Sse sse) {
        // Whoever hears it listens from now on, and fetches anew what it may have missed before.
        OutboundSseEvent listening = sse.newEventBuilder().name("listening").data("").build();
        return Multi.createBy()
                .merging()
                .streams(
                        feed.events().map(event -> message(sse, event)),
                        Multi.createFrom().item(listening));
    }

    private static OutboundSseEvent message(Sse sse, Event event) {
        return sse.newEventBuilder()
                .name(event.type())
                .mediaType(MediaType.APPLICATION_JSON_TYPE)
                .data(Event.class, event)
                .build();
    }

    @GET
    @Path("/sign-in")
    @Operation(hidden = true)
    public Response signInPage(@QueryParam("code") @Nullable String code, @Context UriInfo uri) {
        if (code == null) {
            return Response.ok(Pages.signIn("")).build();
        }
        Optional<Secret> session = sessions.redeem(code);
        return session.isPresent()
                ? signedIn(session.get(), uri)
                : Response.status(Response.Status.UNAUTHORIZED)
                        .entity(
                                Pages.signIn(
                                        "This link was used or is too old. Make a new one, or sign"
                                                + " in with the administrator's token."))
                        .build();
    }

    @POST
    @Path("/sign-in")
    @Operation(hidden = true)
    public Response signIn(@FormParam("token") @Nullable String token, @Context UriInfo uri) {
        if (token == null || !admin.matches(Secret.of(token.strip()))) {
            return Response.status(Response.Status.UNAUTHORIZED)
                    .entity(
                            Pages.signIn(
                                    "This is not the administrator's token. The coordinator keeps"
                                            + " it in the file admin-token of its data folder."))
                    .build();
        }
        return signedIn(sessions.newSession(), uri);
    }

    @POST
    @Path("/sign-out")
    @Operation(hidden = true)
    public Response signOut(@CookieParam(COOKIE) @Nullable String session) {
        if (session != null) {
            sessions.end(session);
        }
        return Response.seeOther(URI.create("/ui/sign-in")).cookie(cookie("", 0, false)).build();
    }

    private static Response signedIn(Secret session, UriInfo uri) {
        boolean secure = "https".equals(uri.getRequestUri().getScheme());
        int seconds = (int) Sessions.SESSION_LENGTH.toSeconds();
        return Response.seeOther(URI.create("/ui"))
                .cookie(cookie(session.reveal(), seconds, secure))
                .build();
    }

    private static NewCookie cookie(String value, int seconds, boolean secure) {
        return new NewCookie.Builder(COOKIE)
                .value(value)
                .path("/ui")
                .maxAge(seconds)
                .httpOnly(true)
                .secure(secure)
                .sameSite(NewCookie.SameSite.STRICT)
                .build();
    }
}
