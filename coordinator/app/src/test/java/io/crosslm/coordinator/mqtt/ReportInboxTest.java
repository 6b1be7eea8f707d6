package io.crosslm.coordinator.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import org.junit.jupiter.api.Test;

class ReportInboxTest {
    @Test
    void accept_messageOfQosZero_isDroppedAndCounted() {
        MeterRegistry meters = new SimpleMeterRegistry();
        String topic = Topics.of(TenantId.DEFAULT).report(new DeviceId("silo")).name();
        Mqtt5Publish message =
                Mqtt5Publish.builder()
                        .topic(topic)
                        .qos(MqttQos.AT_MOST_ONCE)
                        .payload(new byte[] {1})
                        .build();
        // Whom the inbox works for does not matter: nobody may see the message.
        try (ReportInbox inbox =
                new ReportInbox(null, (device, command) -> {}, meters, Clock.systemUTC())) {
            inbox.open();

            inbox.accept(message);
        }

        assertThat(meters.counter("crosslm.messages.rejected", "code", "qos-0").count()).isOne();
        assertThat(meters.find("crosslm.messages.rejected").counters()).hasSize(1);
    }
}
