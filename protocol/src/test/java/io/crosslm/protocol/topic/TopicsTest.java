package io.crosslm.protocol.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicsTest {
    private static final Topics TOPICS = Topics.of(TenantId.DEFAULT);
    private static final TaskName TASK = new TaskName("trec");
    private static final RoundNumber ROUND = new RoundNumber(12);
    private static final DeviceId DEVICE = new DeviceId("silo-1");

    static Stream<Topic> everyKind() {
        return Stream.of(
                TOPICS.announcement(TASK),
                TOPICS.batchPart(TASK, ROUND, 0),
                TOPICS.poolPart(TASK, ROUND, 7),
                TOPICS.coordinatorState(),
                TOPICS.command(DEVICE),
                TOPICS.report(DEVICE),
                TOPICS.deviceState(DEVICE),
                TOPICS.error(DEVICE));
    }

    @Test
    void names_ofEveryKind_areAsSpecified() {
        assertThat(everyKind().map(Topic::name))
                .isEqualTo(
                        List.of(
                                "crosslm/v1/default/t/trec/announce",
                                "crosslm/v1/default/t/trec/round/12/batch/0",
                                "crosslm/v1/default/t/trec/round/12/pool/7",
                                "crosslm/v1/default/coordinator/state",
                                "crosslm/v1/default/d/silo-1/command",
                                "crosslm/v1/default/s/56/d/silo-1/report",
                                "crosslm/v1/default/s/56/d/silo-1/state",
                                "crosslm/v1/default/s/56/d/silo-1/error"));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void parse_ofName_givesTheTopicBack(Topic topic) {
        assertThat(Topics.parse(topic.name())).isEqualTo(topic);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "crosslm/v1/",
                "crosslm/v1/default",
                "crosslm/v2/default/coordinator/state",
                "crosslm/v1/default/coordinator/other",
                "crosslm/v1/default/s/55/d/silo-1/report",
                "crosslm/v1/default/s/056/d/silo-1/report",
                "crosslm/v1/default/s/56/d/silo-1/report/",
                "crosslm/v1/default/t/trec/round/012/batch/0",
                "crosslm/v1/default/t/trec/round/0/batch/0",
                "crosslm/v1/default/t/trec/round/1/batch/-1",
                "crosslm/v1/default/t/trec/round/1/batch/99999999999",
                "crosslm/v1/default/t/trec/round/1/other/0",
                "crosslm/v1/default/d/+/command",
                "crosslm/v1/default/d/silo-1/#"
            })
    void parse_ofOtherName_isRefused(String name) {
        assertThatThrownBy(() -> Topics.parse(name))
                .isInstanceOf(ProtocolException.class)
                .hasMessageStartingWith("PROTO-5002");
    }
}
