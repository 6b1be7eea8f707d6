package io.crosslm.coordinator.api;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.ops.AdminToken;
import io.crosslm.coordinator.ops.Readiness;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.Locale;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/** Lets only those in whose token allows what they ask for. Thread-safe. */
@ApplicationScoped
public final class Access {
    private static final String SCHEME = "bearer ";
    private static final String ENROLMENT_PATH = "/v1/enrolments";

    private final AdminToken admin;
    private final DeviceRegistry registry;
    private final Readiness readiness;

    Access(AdminToken admin, DeviceRegistry registry, Readiness readiness) {
        this.admin = admin;
        this.registry = registry;
        this.readiness = readiness;
    }

    /** All of REST is the administrator's, but for enrolment: there the code is the leave. */
    @ServerRequestFilter(preMatching = true)
    void checkRest(ContainerRequestContext request) {
        String path = request.getUriInfo().getPath();
        if (!path.startsWith("/v1/")) {
            return;
        }
        requireReady();
        if (!path.equals(ENROLMENT_PATH)) {
            requireAdmin(request.getHeaderString("Authorization"));
        }
    }

    void requireReady() {
        if (!readiness.isReady()) {
            throw new CoordinatorException(
                    Code.NOT_READY, "the coordinator is starting or stopping; try again soon");
        }
    }

    void requireAdmin(@Nullable String authorization) {
        if (token(authorization).filter(admin::matches).isEmpty()) {
            throw refused(
                    "the administrator's token, which the coordinator keeps in the file"
                            + " admin-token of its data folder");
        }
    }

    /** Lets devices in, too. */
    void requireMember(@Nullable String authorization) {
        Optional<Secret> token = token(authorization);
        if (token.filter(t -> admin.matches(t) || registry.authenticate(t).isPresent()).isEmpty()) {
            throw refused("the token of a device or of the administrator");
        }
    }

    private static CoordinatorException refused(String needed) {
        return new CoordinatorException(
                Code.UNAUTHENTICATED, "expected the header 'Authorization: Bearer' with " + needed);
    }

    private static Optional<Secret> token(@Nullable String authorization) {
        if (authorization == null || !authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            return Optional.empty();
        }
        return Optional.of(Secret.of(authorization.substring(SCHEME.length()).strip()));
    }
}
