package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.config.Endpoints;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.coordinator.mqtt.Fleet;
import io.crosslm.coordinator.tls.Encryption;
import io.crosslm.coordinator.tls.ServerIdentity;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** How a device becomes one of the fleet. */
@Path("/v1")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Enrolment", description = "One-time codes, and the credentials they are changed for")
public final class EnrolmentResource {
    private final DeviceRegistry registry;
    private final Endpoints endpoints;
    private final Encryption encryption;
    private final Fleet fleet;

    EnrolmentResource(
            DeviceRegistry registry, Endpoints endpoints, Encryption encryption, Fleet fleet) {
        this.registry = registry;
        this.endpoints = endpoints;
        this.encryption = encryption;
        this.fleet = fleet;
    }

    /** Body of a request for a code. */
    @RegisterForReflection
    public record Invite(
            @Nullable String name, @Nullable List<String> tasks, @Nullable Long ttlSeconds) {}

    /** A code, told this once. */
    @RegisterForReflection
    public record InviteAnswer(String code) {}

    /** Body of an enrolment. */
    @RegisterForReflection
    public record Enrol(@Nullable String code, @Nullable String name) {}

    /**
     * What a device needs to connect; the token is told this once.
     *
     * @param ca whom it shall trust, in PEM form; none without encryption
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    public record EnrolAnswer(
            String deviceId,
            String token,
            String tenant,
            String brokerUri,
            String coordinatorUri,
            @Nullable String ca) {}

    @POST
    @Path("/enrolment-codes")
    @Operation(summary = "Make a code by which one device can enrol, once")
    @APIResponse(responseCode = "201", description = "The code")
    @APIResponse(responseCode = "400", description = "A name, task or life that makes no sense")
    public Response invite(@Nullable Invite body) {
        Invite request = present(body);
        List<TaskName> tasks =
                Optional.ofNullable(request.tasks()).orElse(List.of()).stream()
                        .map(TaskName::new)
                        .distinct()
                        .toList();
        Duration life =
                request.ttlSeconds() == null
                        ? DeviceRegistry.DEFAULT_CODE_LIFE
                        : Duration.ofSeconds(request.ttlSeconds());
        Secret code = registry.invite(Optional.ofNullable(request.name()), tasks, life);
        return Response.status(Response.Status.CREATED)
                .entity(
                        new InviteAnswer(
                                endpoints
                                        .enrolmentUri(
                                                code.reveal(),
                                                encryption.identity().map(ServerIdentity::pin))
                                        .toString()))
                .build();
    }

    @POST
    @Path("/enrolments")
    @Operation(summary = "Change a code for a device id and a token; needs no other credential")
    @APIResponse(responseCode = "201", description = "The device's credential and addresses")
    @APIResponse(responseCode = "403", description = "The code is unknown, expired or used")
    @APIResponse(
            responseCode = "503",
            description = "The broker would not let a new device in now; the code is not spent")
    public Response enrol(@Nullable Enrol body) {
        Enrol request = present(body);
        if (request.code() == null || request.code().isBlank()) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST, "code: expected the enrolment code, but there is none");
        }
        // The whole crosslm:// address is taken as well as the secret in it.
        String code =
                request.code()
                        .substring(request.code().lastIndexOf('/') + 1)
                        .replaceFirst("#.*", "")
                        .strip();
        // Before the code is spent.
        fleet.checkOpen();
        Enrolment enrolment = registry.enrol(Secret.of(code), Optional.ofNullable(request.name()));
        fleet.admit(enrolment);
        return Response.status(Response.Status.CREATED)
                .entity(
                        new EnrolAnswer(
                                enrolment.device().id().value(),
                                enrolment.token().reveal(),
                                TenantId.DEFAULT.value(),
                                endpoints.brokerUri().toString(),
                                endpoints.coordinatorUri().toString(),
                                encryption
                                        .identity()
                                        .map(ServerIdentity::authorityPem)
                                        .orElse(null)))
                .build();
    }

    private static <T> T present(@Nullable T body) {
        if (body == null) {
            throw new CoordinatorException(
                    Code.BAD_REQUEST, "the body: expected a JSON object, but it is empty");
        }
        return body;
    }
}
