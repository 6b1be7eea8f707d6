package io.crosslm.coordinator.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BrokerUriTest {
    private static final String KEY = "crosslm.mqtt.broker";

    @Test
    void addresses_ofBothKinds_areRead() {
        assertThat(BrokerUri.parse(KEY, "mqtts://broker.example:8884"))
                .isEqualTo(new BrokerUri(true, "broker.example", 8884));
        assertThat(BrokerUri.parse(KEY, "mqtt://10.0.0.5"))
                .isEqualTo(new BrokerUri(false, "10.0.0.5", 1883));
        assertThat(BrokerUri.parse(KEY, "MQTTS://[::1]/"))
                .isEqualTo(new BrokerUri(true, "::1", 8883));
    }

    @Test
    void address_forDevices_hasTheSchemeThatTheyKnow() {
        assertThat(BrokerUri.parse(KEY, "mqtts://broker.example").toUri())
                .hasToString("ssl://broker.example:8883");
        assertThat(BrokerUri.parse(KEY, "mqtt://[::1]:7").toUri()).hasToString("tcp://[::1]:7");
    }

    @Test
    void addresses_thatAreNone_areRefusedWithAnExample() {
        for (String text :
                List.of(
                        "broker.example:8883",
                        "https://broker.example",
                        "mqtts://",
                        "mqtts://broker.example:0",
                        "mqtts://broker.example:99999",
                        "mqtts://broker.example/topic",
                        "mqtts://not a host",
                        "")) {
            assertThatThrownBy(() -> BrokerUri.parse(KEY, text))
                    .as(text)
                    .isInstanceOf(CoordinatorException.class)
                    .hasMessageStartingWith("COORD-4201: " + KEY)
                    .hasMessageContaining("mqtts://broker.example.org:8883");
        }
    }

    @Test
    void passwordInAnAddress_isRefusedAndNotShown() {
        assertThatThrownBy(() -> BrokerUri.parse(KEY, "mqtts://user:hunter2@broker.example"))
                .hasMessageContaining("crosslm.mqtt.password-file")
                .hasMessageNotContaining("hunter2");
    }
}
