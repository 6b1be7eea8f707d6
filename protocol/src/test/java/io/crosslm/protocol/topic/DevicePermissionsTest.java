package io.crosslm.protocol.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DevicePermissionsTest {
    private final DevicePermissions permissions =
            DevicePermissions.of(
                    TenantId.DEFAULT, new DeviceId("silo-1"), List.of(new TaskName("trec")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crosslm/v1/default/s/56/d/silo-1/report",
                "crosslm/v1/default/s/56/d/silo-1/state",
                "crosslm/v1/default/s/56/d/silo-1/error"
            })
    void publish_toOwnTopic_isAllowed(String topic) {
        assertThat(permissions.mayPublish(topic)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crosslm/v1/default/s/52/d/silo-2/report",
                "crosslm/v1/other/s/56/d/silo-1/report",
                "crosslm/v1/default/s/55/d/silo-1/report",
                "crosslm/v1/default/t/trec/announce",
                "crosslm/v1/default/d/silo-1/command",
                "crosslm/v1/default/coordinator/state",
                "$SYS/x"
            })
    void publish_elsewhere_isRefused(String topic) {
        assertThat(permissions.mayPublish(topic)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "crosslm/v1/default/d/silo-1/command",
                "crosslm/v1/default/coordinator/state",
                "crosslm/v1/default/t/trec/announce",
                "crosslm/v1/default/t/trec/round/3/batch/+",
                "crosslm/v1/default/t/trec/round/3/pool/+",
                "crosslm/v1/default/t/trec/round/3/pool/2"
            })
    void subscribe_toWhatARoundNeeds_isAllowed(String filter) {
        assertThat(permissions.maySubscribe(filter)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "#",
                "crosslm/v1/default/#",
                "crosslm/v1/default/t/+/announce",
                "crosslm/v1/default/t/trec/+",
                "crosslm/v1/default/t/trec/round/+/batch/+",
                "crosslm/v1/default/t/trec/round/3/batch/#",
                "crosslm/v1/default/t/sst2/announce",
                "crosslm/v1/other/t/trec/announce",
                "crosslm/v1/default/d/+/command",
                "crosslm/v1/default/d/silo-2/command",
                "crosslm/v1/default/s/56/d/silo-1/report",
                "$share/g/crosslm/v1/default/t/trec/announce"
            })
    void subscribe_toMore_isRefused(String filter) {
        assertThat(permissions.maySubscribe(filter)).isFalse();
    }
}
