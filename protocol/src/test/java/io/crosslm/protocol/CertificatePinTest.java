package io.crosslm.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

final class CertificatePinTest {
    /** A P-256 key; the pin is what openssl dgst -sha256 gives for its DER form. */
    private static final String KEY =
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7I9v2zYzfc34VmPYITR7x9+XW4oKB895"
                    + "nsu9RYfbS0m+L7SmMPyJZH0jwbeD4bg5VqoHt9uc3w6dYs/zzSujRw==";

    private static final String PIN = "w6LyEoxKIRjGcDS3Jf5aH-ueHsksOK3Zc1buxjIgepk";

    @Test
    void pin_ofAKey_isTheHashOfItsDerForm() throws Exception {
        PublicKey key =
                KeyFactory.getInstance("EC")
                        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(KEY)));

        assertThat(CertificatePin.of(key).text()).isEqualTo(PIN);
    }

    @Test
    void pin_parsed_isTheSame() {
        assertThat(CertificatePin.parse(PIN)).hasToString(PIN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "w6Ly", PIN + "A", "+6LyEoxKIRjGcDS3Jf5aH-ueHsksOK3Zc1buxjIgepk"})
    void pin_thatIsNone_isRefusedWithoutShowingIt(String text) {
        assertThatThrownBy(() -> CertificatePin.parse(text))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("43 characters")
                .hasMessageNotContaining("6LyEoxKIR");
    }
}
