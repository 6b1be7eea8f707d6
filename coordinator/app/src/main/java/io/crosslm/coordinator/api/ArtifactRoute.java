package io.crosslm.coordinator.api;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.artifact.ByteRange;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.Sha256;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /v1/artifacts/{sha256}}: whole files and ranges of them, straight from the disk. A
 * route of its own because JAX-RS answers ranges with the wrong status. Thread-safe.
 */
@ApplicationScoped
final class ArtifactRoute {
    private static final Logger LOG = Logger.getLogger(ArtifactRoute.class);
    private static final String PATH = "/v1/artifacts/:sha256";
    private static final String IMMUTABLE = "private, max-age=31536000, immutable";

    private final ArtifactStore store;
    private final Access access;

    ArtifactRoute(ArtifactStore store, Access access) {
        this.store = store;
        this.access = access;
    }

    void register(@Observes Router router) {
        for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.HEAD)) {
            // Blocking: a look at the disk may take long.
            router.route(method, PATH).blockingHandler(this::handle, false);
        }
    }

    private void handle(RoutingContext context) {
        try {
            access.requireReady();
            access.requireMember(context.request().getHeader("Authorization"));
            serve(context);
        } catch (CoordinatorException e) {
            answer(context, Problem.of(e));
        } catch (IOException | RuntimeException e) {
            LOG.error("An artifact could not be served", e);
            answer(
                    context,
                    Problem.of(Code.INTERNAL, "the artifact could not be read; the log tells why"));
        }
    }

    private void serve(RoutingContext context) throws IOException {
        Sha256 name = name(context.pathParam("sha256"));
        Path file =
                store.find(name)
                        .orElseThrow(
                                () ->
                                        new CoordinatorException(
                                                Code.UNKNOWN_ARTIFACT,
                                                "there is no artifact " + name + " here"));
        HttpServerRequest request = context.request();
        HttpServerResponse response = context.response();
        String tag = '"' + name.hex() + '"';
        response.putHeader("ETag", tag)
                .putHeader("Cache-Control", IMMUTABLE)
                .putHeader("Accept-Ranges", "bytes");
        if (isOneOf(tag, request.getHeader("If-None-Match"))) {
            response.setStatusCode(304).end();
            return;
        }
        long size = Files.size(file);
        ByteRange range = range(request, tag, size).orElse(ByteRange.whole(size));
        if (!range.isSatisfiable() && size > 0) {
            response.setStatusCode(416).putHeader("Content-Range", range.contentRange(size)).end();
            return;
        }
        response.putHeader("Content-Type", "application/octet-stream");
        if (range.length() < size) {
            response.setStatusCode(206).putHeader("Content-Range", range.contentRange(size));
        }
        if (request.method().equals(HttpMethod.HEAD) || size == 0) {
            response.putHeader("Content-Length", Long.toString(range.length())).end();
        } else {
            response.sendFile(file.toString(), range.start(), range.length())
                    .onFailure(e -> LOG.debugf("A reader went away: %s", e.getMessage()));
        }
    }

    /** Nothing for no range, and for one of another version of the file. */
    private static Optional<ByteRange> range(HttpServerRequest request, String tag, long size) {
        String header = request.getHeader("Range");
        String condition = request.getHeader("If-Range");
        if (header == null || condition != null && !condition.equals(tag)) {
            return Optional.empty();
        }
        return ByteRange.parse(header, size);
    }

    private static boolean isOneOf(String tag, @Nullable String header) {
        return header != null && (header.equals("*") || header.contains(tag));
    }

    private static Sha256 name(String hex) {
        try {
            return Sha256.ofHex(hex);
        } catch (ProtocolException e) {
            throw new CoordinatorException(Code.BAD_REQUEST, String.valueOf(e.getMessage()), e);
        }
    }

    private static void answer(RoutingContext context, Problem problem) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        JsonObject json =
                new JsonObject()
                        .put("type", problem.type())
                        .put("title", problem.title())
                        .put("status", problem.status())
                        .put("code", problem.code())
                        .put("detail", problem.detail());
        context.response()
                .setStatusCode(problem.status())
                .putHeader("Content-Type", Problem.MEDIA_TYPE)
                .end(json.encode());
    }
}
