package io.crosslm.coordinator.mqtt;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.device.Device;
import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.Enrolment;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Accounts of devices at a mosquitto with its dynamic security plugin: made at enrolment, each with
 * a role that allows the device's own topics, taken away at revocation, and compared with the
 * registry at each connect. Thread-safe.
 *
 * <p>A device's token is known at its enrolment only. An account that the broker has lost cannot be
 * made again: the device must enrol anew, and {@link #problem} says so.
 */
final class DynamicSecurity implements BrokerAccess {
    private static final Logger LOG = Logger.getLogger(DynamicSecurity.class);

    private static final int RETRY_SECONDS = 10;
    private static final int ADMISSION_SECONDS = 15;
    private static final int SHOWN_DEVICES = 5;

    private final BrokerAccount account;
    private final DeviceRegistry registry;
    private final SecureRandom random;

    /** Enrolments that the broker has not heard of yet. */
    private final Map<DeviceId, Enrolment> waiting = new ConcurrentHashMap<>();

    private final ScheduledExecutorService worker =
            Executors.newSingleThreadScheduledExecutor(
                    task -> new Thread(task, "crosslm-broker-access"));

    private volatile @Nullable ControlChannel control;
    private volatile @Nullable CoordinatorException problem;
    private volatile boolean settled;
    private @Nullable Runnable ready; // confined to the worker

    DynamicSecurity(BrokerAccount account, DeviceRegistry registry, SecureRandom random) {
        this.account = account;
        this.registry = registry;
        this.random = random;
    }

    @Override
    public void open(Runnable whenReady) {
        worker.execute(() -> ready = whenReady);
        control =
                new ControlChannel(
                        account,
                        Secret.random(random).hash().hex().substring(0, 16),
                        () -> later(0));
    }

    @Override
    public void checkOpen() {
        ControlChannel channel = control;
        if (!settled || channel == null || !channel.isUp()) {
            throw new CoordinatorException(
                    Code.BROKER_AWAY,
                    problem()
                            .map(CoordinatorException::getMessage)
                            .orElse(
                                    "the broker cannot let a new device in just now; try again"
                                            + " soon, the code is not spent"));
        }
    }

    @Override
    public void admit(Enrolment enrolment) {
        waiting.put(enrolment.device().id(), enrolment);
        Future<?> admission = worker.submit(() -> settle(enrolment));
        try {
            admission.get(ADMISSION_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf(
                    "The broker does not know %s yet; the coordinator keeps trying",
                    enrolment.device().id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void revoke(DeviceId device) {
        waiting.remove(device);
        try {
            worker.execute(() -> remove(device));
        } catch (RejectedExecutionException e) {
            LOG.debugf("The service stops; the next start takes %s away", device);
        }
    }

    @Override
    public Contact contact(DeviceId device) {
        return Contact.UNKNOWN;
    }

    @Override
    public Optional<CoordinatorException> problem() {
        ControlChannel channel = control;
        Optional<CoordinatorException> connection =
                channel == null ? Optional.empty() : channel.problem();
        return connection.or(() -> Optional.ofNullable(problem));
    }

    @Override
    public void close() {
        worker.shutdownNow();
        ControlChannel channel = control;
        if (channel != null) {
            channel.close();
        }
    }

    private void later(int seconds) {
        try {
            worker.schedule(this::reconcile, seconds, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
            // The service stops.
            LOG.debug("The broker's accounts stay as they are");
        }
    }

    /** The short way: two commands. If it fails, the whole book is compared. */
    private void settle(Enrolment enrolment) {
        Device device = enrolment.device();
        ControlChannel channel = control;
        if (settled && channel != null && channel.isUp()) {
            try {
                channel.run(
                        List.of(
                                AccessRules.of(TenantId.DEFAULT, device)
                                        .toCommand("createRole", AccessRules.roleOf(device.id())),
                                AccountBook.creation(device.id(), enrolment.token())));
                waiting.remove(device.id());
                return;
            } catch (CoordinatorException e) {
                LOG.debugf("%s is let in the long way: %s", device.id(), e.getMessage());
            }
        }
        reconcile();
    }

    private void remove(DeviceId device) {
        ControlChannel channel = control;
        if (settled && channel != null && channel.isUp()) {
            try {
                channel.run(AccountBook.removal(device.value()));
                return;
            } catch (CoordinatorException e) {
                LOG.debugf("%s is shut out the long way: %s", device, e.getMessage());
            }
        }
        reconcile();
    }

    /** Makes the broker's accounts those of the registry. */
    private void reconcile() {
        ControlChannel channel = control;
        if (channel == null) {
            // It has connected before open() got hold of it.
            later(1);
            return;
        }
        if (!channel.isUp()) {
            settled = false;
            return;
        }
        try {
            AccountBook book = AccountBook.read(channel);
            letCoordinatorIn(book);
            List<DeviceId> lost = settleDevices(book);
            removeStrangers(book);
            checkDefaults(channel);
            note(lost.isEmpty() ? null : withoutAccount(lost));
            settled = true;
            if (ready != null) {
                ready.run();
                ready = null;
            }
        } catch (CoordinatorException e) {
            settled = false;
            // The plugin ends the connection of whose role it changes: the next one goes on.
            if (e.code() != Code.BROKER_AWAY && channel.isUp()) {
                note(e);
            }
            later(RETRY_SECONDS);
        }
    }

    private void letCoordinatorIn(AccountBook book) {
        book.setRole(AccessRules.COORDINATOR_ROLE, AccessRules.ofCoordinator(TenantId.DEFAULT));
        book.giveRole(account.credential().orElseThrow().username(), AccessRules.COORDINATOR_ROLE);
    }

    /** Returns the devices whose account the broker has lost. */
    private List<DeviceId> settleDevices(AccountBook book) {
        List<DeviceId> lost = new ArrayList<>();
        for (Device device : registry.all()) {
            Enrolment enrolment = waiting.get(device.id());
            if (device.isRevoked()) {
                book.remove(device.id().value());
                waiting.remove(device.id());
            } else if (book.hasAccount(device.id()) || enrolment != null) {
                String role = AccessRules.roleOf(device.id());
                book.setRole(role, AccessRules.of(TenantId.DEFAULT, device));
                if (!book.hasAccount(device.id()) && enrolment != null) {
                    book.addAccount(device.id(), enrolment.token());
                } else {
                    book.giveRole(device.id().value(), role);
                }
                waiting.remove(device.id());
            } else {
                lost.add(device.id());
            }
        }
        return lost;
    }

    /** What a database before this one has left at the broker. */
    private void removeStrangers(AccountBook book) {
        Set<String> strangers = book.deviceNames();
        registry.all().forEach(device -> strangers.remove(device.id().value()));
        for (String name : strangers) {
            LOG.warnf("The broker has an account of %s, which is no device; it goes", name);
            book.remove(name);
        }
    }

    private void checkDefaults(ControlChannel channel) {
        JsonObject defaults = channel.run(ControlChannel.command("getDefaultACLAccess"));
        for (JsonElement element : defaults.getAsJsonArray("acls")) {
            JsonObject entry = element.getAsJsonObject();
            String type = entry.get("acltype").getAsString();
            boolean closed = type.equals("subscribe") || type.equals("publishClientSend");
            if (closed && entry.get("allow").getAsBoolean()) {
                throw new CoordinatorException(
                        Code.BROKER_ACCESS,
                        "expected dynamic security of the broker at "
                                + account.place()
                                + " to deny what no role allows, but its default for "
                                + type
                                + " is allow; run: mosquitto_ctrl dynsec setDefaultACLAccess "
                                + type
                                + " deny");
            }
        }
    }

    private CoordinatorException withoutAccount(List<DeviceId> lost) {
        return new CoordinatorException(
                Code.DEVICES_WITHOUT_ACCOUNT,
                lost.size()
                        + " devices have no account at the broker any more: "
                        + lost.subList(0, Math.min(SHOWN_DEVICES, lost.size()))
                        + (lost.size() > SHOWN_DEVICES ? " and others" : "")
                        + "; restore the plugin's file from a backup, or revoke them and enrol"
                        + " them with new codes");
    }

    private void note(@Nullable CoordinatorException found) {
        CoordinatorException before = problem;
        problem = found;
        if (found != null && (before == null || !before.detail().equals(found.detail()))) {
            LOG.warn(found.getMessage());
        }
    }
}
