package io.crosslm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.link.DeviceLink;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class InMemoryBrokerTest extends DeviceLinkContract {
    private final InMemoryBroker broker = new InMemoryBroker();

    @Override
    protected DeviceLink link() {
        return broker;
    }

    @Override
    protected String brokerUri() {
        return "memory";
    }

    @Override
    protected void cut(String clientId) {
        broker.cut(clientId);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b,a/b,true",
        "a/+,a/b,true",
        "a/+,a/b/c,false",
        "+/b,a/b,true",
        "#,a/b,true",
        "a/#,a/b/c,true",
        "a/b,a,false",
        "a,a/b,false"
    })
    void matches_followsMqtt(String filter, String topic, boolean expected) {
        assertThat(InMemoryBroker.matches(filter, topic)).isEqualTo(expected);
    }
}
