package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.ops.Readiness;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/** Sends whoever is not signed in to the sign-in page. Thread-safe. */
@ApplicationScoped
public final class SessionFilter {
    private static final String UI = "/ui";
    private static final String SIGN_IN = "/ui/sign-in";

    private final Sessions sessions;
    private final Readiness readiness;

    SessionFilter(Sessions sessions, Readiness readiness) {
        this.sessions = sessions;
        this.readiness = readiness;
    }

    @ServerRequestFilter(preMatching = true)
    @Nullable Response check(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        if (!isPage(path) || path.equals(SIGN_IN)) {
            return null;
        }
        Cookie cookie = request.getCookies().get(DashboardResource.COOKIE);
        if (readiness.isReady() && sessions.isOpen(cookie == null ? null : cookie.getValue())) {
            return null;
        }
        // A fragment must not be filled with the sign-in page: the whole page goes there.
        return request.getHeaderString("HX-Request") == null
                ? Response.seeOther(URI.create(SIGN_IN)).build()
                : Response.status(Response.Status.UNAUTHORIZED)
                        .header("HX-Redirect", SIGN_IN)
                        .build();
    }

    /** Texts of the language model are shown: nothing in them may run or call home. */
    @ServerResponseFilter
    void protect(ContainerRequestContext request, ContainerResponseContext response) {
        if (isPage(request.getUriInfo().getPath())) {
            response.getHeaders()
                    .putSingle(
                            "Content-Security-Policy",
                            "default-src 'self'; style-src 'self' 'unsafe-inline';"
                                    + " frame-ancestors 'none'; form-action 'self'");
            response.getHeaders().putSingle("X-Content-Type-Options", "nosniff");
            response.getHeaders().putSingle("Referrer-Policy", "no-referrer");
            response.getHeaders().putSingle("Cache-Control", "no-store");
        }
    }

    private static boolean isPage(String path) {
        return path.equals(UI) || path.startsWith(UI + "/");
    }
}
