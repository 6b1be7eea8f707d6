package io.crosslm.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Hashes;
import io.crosslm.protocol.Limits;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.DevicePermissions;
import io.crosslm.protocol.topic.Topic;
import io.crosslm.protocol.topic.Topics;
import io.crosslm.protocol.wire.Command;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** docs/ref-mqtt.md against the protocol's code. */
final class MqttPageTest {
    private static final DocumentationPage PAGE = DocumentationPage.read("ref-mqtt.md");

    private static final TenantId TENANT = new TenantId("acme");
    private static final TaskName TASK = new TaskName("reviews");
    private static final DeviceId DEVICE = new DeviceId("silo-1");
    private static final RoundNumber ROUND = new RoundNumber(7);
    private static final int PART = 3;
    private static final String ROOT = Topics.PREFIX + TENANT + "/";

    @Test
    void topics_ofThePage_areThoseOfTheCode() throws Exception {
        List<String> names = new ArrayList<>();
        for (Class<?> kind : Topic.class.getPermittedSubclasses()) {
            names.add(named((Topic) made(kind)));
        }

        assertThat(PAGE.table("## Topics").stream().map(row -> row.get(0)))
                .containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void publishersAndReaders_ofThePage_areThoseThatABrokerAllows() {
        DevicePermissions device = DevicePermissions.of(TENANT, DEVICE, List.of(TASK));

        assertThat(PAGE.table("## Topics"))
                .allSatisfy(
                        row -> {
                            String topic = topic(row.get(0));
                            assertThat(device.mayPublish(topic))
                                    .as("publishes to %s", topic)
                                    .isEqualTo(row.get(1).contains("device"));
                            assertThat(device.maySubscribe(topic))
                                    .as("reads %s", topic)
                                    .isEqualTo(row.get(2).contains("device"));
                        });
    }

    @Test
    void readers_ofOneTasksTopics_areItsDevicesOnly() {
        DevicePermissions stranger =
                DevicePermissions.of(
                        TENANT, new DeviceId("silo-2"), List.of(new TaskName("other")));

        assertThat(PAGE.table("## Topics"))
                .allSatisfy(
                        row ->
                                assertThat(stranger.maySubscribe(topic(row.get(0))))
                                        .isEqualTo(row.get(2).equals("all devices")));
    }

    @Test
    void messages_ofThePage_areMessagesOfTheCode() {
        assertThat(PAGE.table("## Topics"))
                .allSatisfy(
                        row ->
                                assertThat(
                                                Class.forName(
                                                        Command.class.getPackageName()
                                                                + "."
                                                                + row.get(4)))
                                        .isAssignableTo(MessageLite.class));
    }

    @Test
    void commands_ofThePage_areThoseOfTheCode() {
        List<String> bodies =
                Arrays.stream(Command.BodyCase.values())
                        .filter(body -> body != Command.BodyCase.BODY_NOT_SET)
                        .map(body -> body.name().toLowerCase(Locale.ROOT))
                        .toList();

        assertThat(PAGE.table("### Commands").stream().map(row -> row.get(0)))
                .containsExactlyInAnyOrderElementsOf(bodies);
    }

    @Test
    void contentTypes_ofThePage_areThoseOfTheCode() throws Exception {
        assertThat(PAGE.table("## Content types").stream().map(row -> row.get(1)))
                .containsExactlyInAnyOrderElementsOf(constants(ContentTypes.class).values());
    }

    @Test
    void limits_ofThePage_areThoseOfTheCode() throws Exception {
        Map<String, String> documented = new TreeMap<>();
        PAGE.table("## Limits").forEach(row -> documented.put(row.get(0), row.get(1)));

        assertThat(documented).isEqualTo(constants(Limits.class));
    }

    private static Map<String, String> constants(Class<?> type) throws IllegalAccessException {
        Map<String, String> constants = new TreeMap<>();
        for (Field field : type.getFields()) {
            if (Modifier.isStatic(field.getModifiers())) {
                Object value = field.get(null);
                constants.put(
                        field.getName(),
                        value instanceof Number number
                                ? new BigDecimal(number.toString())
                                        .stripTrailingZeros()
                                        .toPlainString()
                                : value.toString());
            }
        }
        return constants;
    }

    /** A topic of a kind; its numbers and names are those of this test. */
    private static Object made(Class<?> kind) throws ReflectiveOperationException {
        RecordComponent[] components = kind.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Map<Class<?>, Object> values =
                Map.of(
                        TenantId.class, TENANT,
                        TaskName.class, TASK,
                        DeviceId.class, DEVICE,
                        RoundNumber.class, ROUND,
                        int.class, PART);
        return kind.getConstructor(types)
                .newInstance(Arrays.stream(types).map(values::get).toArray());
    }

    /** The topic's name as the page writes it, with {@code {task}} for the task's name. */
    private static String named(Topic topic) {
        assertThat(topic.name()).startsWith(ROOT);
        return topic.name()
                .substring(ROOT.length())
                .replace("s/" + Hashes.shard(DEVICE) + "/", "s/{shard}/")
                .replace(TASK.value(), "{task}")
                .replace(DEVICE.value(), "{device}")
                .replaceAll("round/7(?=/)", "round/{round}")
                .replaceAll("/3$", "/{part}");
    }

    /** The other way round. */
    private static String topic(String named) {
        return ROOT
                + named.replace("{shard}", String.valueOf(Hashes.shard(DEVICE)))
                        .replace("{task}", TASK.value())
                        .replace("{device}", DEVICE.value())
                        .replace("{round}", ROUND.toString())
                        .replace("{part}", String.valueOf(PART));
    }
}
