package io.crosslm.coordinator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class CertificateRenewalTest {
    private static final Instant END = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void problem_longBeforeTheEnd_isNone() {
        assertThat(CertificateRenewal.problem(END, before(Duration.ofDays(31)), true)).isEmpty();
    }

    @Test
    void problem_operatorsCertificateNearItsEnd_saysWhichFilesToReplace() {
        assertThat(CertificateRenewal.problem(END, before(Duration.ofDays(29)), false))
                .hasValueSatisfying(
                        problem ->
                                assertThat(problem)
                                        .contains("ends at 2026-03-01T12:00:00Z")
                                        .contains("crosslm.tls.certificate")
                                        .contains("restart"));
    }

    @Test
    void problem_ownCertificateThatEnded_saysWhereToLook() {
        assertThat(CertificateRenewal.problem(END, END.plusSeconds(1), true))
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("ended at").contains("the log"));
    }

    private static Instant before(Duration left) {
        return END.minus(left);
    }
}
