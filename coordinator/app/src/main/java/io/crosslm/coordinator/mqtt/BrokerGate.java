package io.crosslm.coordinator.mqtt;

import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.PublishAuthorizer;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.SubscriptionAuthorizer;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.PublishAuthorizerOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerInput;
import com.hivemq.extension.sdk.api.auth.parameter.SubscriptionAuthorizerOutput;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.subscribe.SubackReasonCode;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.admin.AdminService;
import com.hivemq.extension.sdk.api.services.session.ClientService;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.device.Device;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.DevicePermissions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Decides on the broker who may connect, publish and subscribe: a device with its token, below its
 * own id and its tasks; the coordinator's own client everywhere. Thread-safe.
 */
final class BrokerGate
        implements BrokerAccess,
                ExtensionMain,
                SimpleAuthenticator,
                PublishAuthorizer,
                SubscriptionAuthorizer {
    private static final int ANSWER_SECONDS = 5;

    private final DeviceRegistry registry;
    private final Secret coordinatorSecret;
    private volatile @Nullable ClientService clients;
    private volatile @Nullable AdminService admin;

    BrokerGate(DeviceRegistry registry, Secret coordinatorSecret) {
        this.registry = registry;
        this.coordinatorSecret = coordinatorSecret;
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        clients = Services.clientService();
        admin = Services.adminService();
        Services.securityRegistry().setAuthenticatorProvider(provider -> this);
        Services.securityRegistry().setAuthorizerProvider(provider -> this);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
        clients = null;
        admin = null;
    }

    /** The port that the broker listens on, once it does. */
    int listeningPort() {
        AdminService running = admin;
        if (running == null) {
            throw new IllegalStateException("The broker does not run");
        }
        // A file that the broker cannot read makes it listen elsewhere with its own settings.
        return running.getServerInformation().getListener().stream()
                .filter(listener -> listener.getName().equals(BrokerListener.NAME))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The broker has other listeners"))
                .getPort();
    }

    @Override
    public void open(Runnable ready) {
        // The registry is asked at each connect, publish and subscribe.
        ready.run();
    }

    @Override
    public void checkOpen() {
        // The broker lives and dies with this process.
    }

    @Override
    public void admit(Enrolment enrolment) {
        // The registry has the device.
    }

    /** Ends a device's connection, if it has one; its will is published. */
    @Override
    public void revoke(DeviceId device) {
        ClientService running = clients;
        if (running != null) {
            running.disconnectClient(
                    device.value(),
                    false,
                    DisconnectReasonCode.NOT_AUTHORIZED,
                    "the device was revoked");
        }
    }

    @Override
    public Contact contact(DeviceId device) {
        ClientService running = clients;
        if (running == null) {
            return Contact.AWAY;
        }
        try {
            boolean connected =
                    running.isClientConnected(device.value()).get(ANSWER_SECONDS, TimeUnit.SECONDS);
            return connected ? Contact.CONNECTED : Contact.AWAY;
        } catch (ExecutionException | TimeoutException e) {
            // The broker is busy or going down: the device will be seen at its next birth.
            return Contact.AWAY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Contact.AWAY;
        }
    }

    @Override
    public Optional<CoordinatorException> problem() {
        return Optional.empty();
    }

    @Override
    public void close() {
        // There is nothing to end.
    }

    @Override
    public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
        if (input.getConnectPacket().getMqttVersion() != MqttVersion.V_5) {
            output.failAuthentication(
                    ConnackReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "MQTT 5 is needed");
            return;
        }
        String clientId = input.getConnectPacket().getClientId();
        Optional<String> userName = input.getConnectPacket().getUserName();
        Optional<Secret> password =
                input.getConnectPacket().getPassword().map(BrokerGate::text).map(Secret::of);
        boolean known =
                userName.isPresent()
                        && userName.get().equals(clientId)
                        && password.isPresent()
                        && isKnown(clientId, password.get());
        if (known) {
            output.authenticateSuccessfully();
        } else {
            output.failAuthentication(
                    ConnackReasonCode.NOT_AUTHORIZED, "unknown device, wrong token, or revoked");
        }
    }

    @Override
    public void authorizePublish(PublishAuthorizerInput input, PublishAuthorizerOutput output) {
        String client = input.getClientInformation().getClientId();
        String topic = input.getPublishPacket().getTopic();
        if (isCoordinator(client)) {
            output.authorizeSuccessfully();
        } else if (input.getPublishPacket().getQos() == Qos.AT_MOST_ONCE) {
            // Nothing holds such messages back: they could fill the memory.
            output.failAuthorization(
                    AckReasonCode.NOT_AUTHORIZED, "a device publishes with QoS 1, but came QoS 0");
        } else if (permissions(client).filter(may -> may.mayPublish(topic)).isPresent()) {
            output.authorizeSuccessfully();
        } else {
            output.failAuthorization(
                    AckReasonCode.NOT_AUTHORIZED, "the topic is not one of the device's own");
        }
    }

    @Override
    public void authorizeSubscribe(
            SubscriptionAuthorizerInput input, SubscriptionAuthorizerOutput output) {
        String client = input.getClientInformation().getClientId();
        String filter = input.getSubscription().getTopicFilter();
        if (isCoordinator(client)
                || permissions(client).filter(may -> may.maySubscribe(filter)).isPresent()) {
            output.authorizeSuccessfully();
        } else {
            output.failAuthorization(
                    SubackReasonCode.NOT_AUTHORIZED,
                    "the filter is not one of the device's tasks or its own");
        }
    }

    private boolean isKnown(String clientId, Secret password) {
        if (isCoordinator(clientId)) {
            return coordinatorSecret.hash().equals(password.hash());
        }
        return deviceId(clientId)
                .flatMap(device -> registry.authenticate(device, password))
                .isPresent();
    }

    private Optional<DevicePermissions> permissions(String clientId) {
        return deviceId(clientId)
                .flatMap(registry::find)
                .filter(device -> !device.isRevoked())
                .map(BrokerGate::permissions);
    }

    private static DevicePermissions permissions(Device device) {
        return DevicePermissions.of(TenantId.DEFAULT, device.id(), device.tasks());
    }

    private static boolean isCoordinator(String clientId) {
        return clientId.equals(CoordinatorClient.ID);
    }

    private static Optional<DeviceId> deviceId(String clientId) {
        try {
            return Optional.of(new DeviceId(clientId));
        } catch (ProtocolException e) {
            // A stranger's client id: no device has it.
            return Optional.empty();
        }
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}
