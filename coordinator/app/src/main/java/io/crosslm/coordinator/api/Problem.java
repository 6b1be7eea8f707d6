package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Problem details of an error (RFC 9457).
 *
 * @param type where the code is explained
 * @param title what kind of error, in words
 * @param status the HTTP status
 * @param code the error code, for programs
 * @param detail what was expected, what came, what to do
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(description = "What went wrong; code is stable and explained in docs/ref-error-codes.md.")
@RegisterForReflection
public record Problem(String type, String title, int status, String code, String detail) {
    /** Media type of the answer. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final int UNAUTHORIZED = 401;

    static Problem of(Code code, String detail) {
        String title = code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        return new Problem(
                "urn:crosslm:error:" + code.id(), title, code.httpStatus(), code.id(), detail);
    }

    static Problem of(CoordinatorException e) {
        return of(e.code(), e.detail());
    }

    Response response() {
        Response.ResponseBuilder response =
                Response.status(status).type(MediaType.valueOf(MEDIA_TYPE)).entity(this);
        if (status == UNAUTHORIZED) {
            response.header("WWW-Authenticate", "Bearer");
        }
        return response.build();
    }
}
