package io.crosslm.coordinator.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.ProtocolException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Turns every exception of a request into {@link Problem} details. Stateless. */
final class ProblemMappers {
    private static final Logger LOG = Logger.getLogger(ProblemMappers.class);
    private static final int SERVER_ERROR = 500;

    @ServerExceptionMapper
    Response coordinator(CoordinatorException e) {
        if (e.code().httpStatus() >= SERVER_ERROR) {
            LOG.error("A request failed", e);
        }
        return Problem.of(e).response();
    }

    /** Ids and names in paths and bodies. */
    @ServerExceptionMapper
    Response protocol(ProtocolException e) {
        return Problem.of(Code.BAD_REQUEST, String.valueOf(e.getMessage())).response();
    }

    /** A value of the wrong type, or a key that the body does not have. */
    @ServerExceptionMapper
    Response mismatch(MismatchedInputException e) {
        return badJson(e).response();
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return badJson(json).response();
        }
        int status = e.getResponse().getStatus();
        Code code =
                switch (status) {
                    case 404 -> Code.NOT_FOUND;
                    case 405, 406, 415 -> Code.NOT_ALLOWED;
                    case 401, 403 -> Code.UNAUTHENTICATED;
                    default -> status < SERVER_ERROR ? Code.BAD_REQUEST : Code.INTERNAL;
                };
        Problem problem = Problem.of(code, detail(status));
        return new Problem(
                        problem.type(), problem.title(), status, problem.code(), problem.detail())
                .response();
    }

    @ServerExceptionMapper
    Response other(Throwable e) {
        LOG.error("A request failed", e);
        return Problem.of(Code.INTERNAL, "the request failed; the coordinator's log tells why")
                .response();
    }

    private static String detail(int status) {
        return switch (status) {
            case 404 -> "there is no such path; /q/openapi lists what there is";
            case 405 -> "the path does not take this method; /q/openapi tells which it takes";
            case 406 -> "the path cannot answer in the media type that Accept asks for";
            case 413 -> "the body is larger than the coordinator takes";
            case 415 -> "the body must be JSON, with the header Content-Type: application/json";
            default -> "the request was refused with status " + status;
        };
    }

    /** Says where and what, and quotes nothing of the body. */
    private static Problem badJson(JsonProcessingException e) {
        String path =
                e instanceof JsonMappingException mapping
                        ? mapping.getPath().stream()
                                .map(ProblemMappers::step)
                                .collect(Collectors.joining("."))
                        : "";
        String where = path.isEmpty() ? "the body" : path;
        String what =
                e instanceof MismatchedInputException mismatch
                        ? "expected " + expected(mismatch.getTargetType())
                        : "expected JSON";
        return Problem.of(Code.BAD_REQUEST, where + ": " + what + position(e.getLocation()));
    }

    private static String step(JsonMappingException.Reference reference) {
        return reference.getFieldName() == null
                ? Integer.toString(reference.getIndex())
                : reference.getFieldName();
    }

    private static String expected(@Nullable Class<?> type) {
        if (type == null || type.isRecord()) {
            return "an object with the keys that /q/openapi lists, and no others";
        }
        if (Number.class.isAssignableFrom(type) || type == int.class || type == long.class) {
            return "a number";
        }
        return Iterable.class.isAssignableFrom(type) ? "a list" : "a text";
    }

    private static String position(@Nullable JsonLocation location) {
        return location == null
                ? ""
                : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }
}
