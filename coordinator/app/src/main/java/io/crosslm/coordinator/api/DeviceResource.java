package io.crosslm.coordinator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.device.Device;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.OnlineDevices.Presence;
import io.crosslm.coordinator.mqtt.Fleet;
import io.crosslm.coordinator.round.DeviceModels;
import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The devices of the fleet. */
@Path("/v1/devices")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Devices", description = "Who is enrolled, who is online, and whose leave ends")
public final class DeviceResource {
    private final DeviceRegistry registry;
    private final OnlineDevices online;
    private final Fleet fleet;
    private final DeviceModels models;
    private final RoundStore rounds;

    DeviceResource(
            DeviceRegistry registry,
            OnlineDevices online,
            Fleet fleet,
            DeviceModels models,
            RoundStore rounds) {
        this.registry = registry;
        this.online = online;
        this.fleet = fleet;
        this.models = models;
        this.rounds = rounds;
    }

    /** All devices. */
    @RegisterForReflection
    public record Devices(List<DeviceView> devices) {}

    /**
     * A device as REST shows it.
     *
     * @param models by task, the small model that the device has, once a round has closed
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @RegisterForReflection
    public record DeviceView(
            String id,
            String name,
            List<String> tasks,
            boolean online,
            Instant enrolledAt,
            @Nullable Instant onlineSince,
            @Nullable Instant revokedAt,
            @Nullable String sdkVersion,
            @Nullable List<String> engines,
            @Nullable Map<String, String> models) {
        static DeviceView of(
                Device device, Optional<Presence> presence, @Nullable Map<String, String> models) {
            return new DeviceView(
                    device.id().value(),
                    device.name(),
                    device.tasks().stream().map(TaskName::value).sorted().toList(),
                    presence.isPresent(),
                    device.enrolled(),
                    presence.map(Presence::since).orElse(null),
                    device.revoked().orElse(null),
                    presence.map(Presence::sdkVersion).orElse(null),
                    presence.map(Presence::engines).orElse(null),
                    models);
        }
    }

    @GET
    @Operation(summary = "List all devices, revoked ones too, in the order of enrolment")
    public Devices list() {
        Map<String, Map<String, String>> byDevice = models.byDevice();
        return new Devices(registry.all().stream().map(device -> view(device, byDevice)).toList());
    }

    @GET
    @Path("/{id}")
    @Operation(summary = "Show a device")
    @APIResponse(responseCode = "404", description = "There is no such device")
    public DeviceView show(@PathParam("id") String id) {
        DeviceId device = new DeviceId(id);
        return view(registry.find(device).orElseThrow(() -> DeviceRegistry.unknown(device)));
    }

    @DELETE
    @Path("/{id}")
    @Operation(
            summary = "Revoke a device: it is told, disconnected, and refused from now on",
            description = "The device stays in the list, for the record. Again does no harm.")
    @APIResponse(responseCode = "404", description = "There is no such device")
    public DeviceView revoke(@PathParam("id") String id) {
        Device revoked = registry.revoke(new DeviceId(id));
        fleet.revoke(revoked.id(), "revoked by the operator");
        online.left(revoked.id());
        return view(revoked);
    }

    /** What was deleted. */
    @RegisterForReflection
    public record Forgotten(String id, int reports) {}

    @DELETE
    @Path("/{id}/reports")
    @Operation(
            summary = "Delete all reports of a revoked device, and what rounds say of it",
            description =
                    "Its scores, measurements and estimated reliability, in every round. Labels and"
                            + " adapters that many devices made together stay.")
    @APIResponse(responseCode = "404", description = "There is no such device")
    @APIResponse(
            responseCode = "409",
            description = "The device is not revoked, or a round of its tasks is open")
    public Forgotten forget(@PathParam("id") String id) {
        DeviceId device = new DeviceId(id);
        Device found = registry.find(device).orElseThrow(() -> DeviceRegistry.unknown(device));
        if (!found.isRevoked()) {
            throw new CoordinatorException(
                    Code.DEVICE_TAKES_PART,
                    "device "
                            + device
                            + " takes part in rounds; revoke it first (crosslm device revoke "
                            + device
                            + ")");
        }
        // A round that has read the reports would write what it made of them later.
        for (TaskName task : found.tasks()) {
            if (rounds.rounds(task).stream().anyMatch(round -> !round.step().isOver())) {
                throw new CoordinatorException(
                        Code.DEVICE_TAKES_PART,
                        "a round of task "
                                + task
                                + " is open, in which device "
                                + device
                                + " may have taken part; wait for its end or cancel it");
            }
        }
        return new Forgotten(device.value(), rounds.forget(device));
    }

    private DeviceView view(Device device) {
        return view(device, models.byDevice());
    }

    private DeviceView view(Device device, Map<String, Map<String, String>> byDevice) {
        return DeviceView.of(device, online.find(device.id()), byDevice.get(device.id().value()));
    }
}
