package io.crosslm.coordinator.tls;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the server's certificate now and then while the service runs: renews the coordinator's
 * own, and warns of an end that nobody has averted. Thread-safe.
 */
@ApplicationScoped
public final class CertificateRenewal {
    /** From then on the end of a certificate is a problem. */
    static final Duration WARNED_BEFORE = Duration.ofDays(30);

    private static final Logger LOG = Logger.getLogger(CertificateRenewal.class);
    private static final long LOOK_HOURS = 12;

    private final Encryption encryption;
    private final Clock clock;
    private volatile @Nullable ScheduledExecutorService thread;

    CertificateRenewal(Encryption encryption, Clock clock) {
        this.encryption = encryption;
        this.clock = clock;
    }

    /** Looks from now on; the certificates are open. */
    public void start() {
        if (encryption.identity().isEmpty()) {
            return;
        }
        ScheduledExecutorService started =
                Executors.newSingleThreadScheduledExecutor(
                        work -> {
                            Thread made = new Thread(work, "crosslm-certificates");
                            made.setDaemon(true);
                            return made;
                        });
        started.scheduleWithFixedDelay(this::look, 0, LOOK_HOURS, TimeUnit.HOURS);
        thread = started;
    }

    /** Looks no more. */
    public void stop() {
        ScheduledExecutorService started = thread;
        if (started != null) {
            started.shutdownNow();
        }
    }

    /** Looks once; it does no harm to look while another look is under way. */
    public synchronized void look() {
        try {
            encryption.renew();
        } catch (RuntimeException e) { // whatever it is, the next look tries again
            LOG.errorf("The server's certificate was not renewed: %s", e.getMessage());
        }
        problem().ifPresent(LOG::error);
    }

    /** When the server's certificate ends, where there is one. */
    public Optional<Instant> end() {
        return encryption.identity().map(ServerIdentity::end);
    }

    /** What is wrong with the server's certificate, and what to do; mostly nothing. */
    public Optional<String> problem() {
        return end().flatMap(end -> problem(end, clock.instant(), encryption.isOwn()));
    }

    static Optional<String> problem(Instant end, Instant now, boolean isOwn) {
        if (now.plus(WARNED_BEFORE).isBefore(end)) {
            return Optional.empty();
        }
        return Optional.of(
                "the server's certificate "
                        + (now.isBefore(end) ? "ends" : "ended")
                        + " at "
                        + end
                        + ", after which no device connects; "
                        + (isOwn
                                ? "the log tells why the coordinator could not renew it"
                                : "put a new one into the files that crosslm.tls.certificate and"
                                        + " crosslm.tls.key name, and restart the coordinator"));
    }
}
