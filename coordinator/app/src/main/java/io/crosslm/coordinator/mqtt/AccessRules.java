package io.crosslm.coordinator.mqtt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.coordinator.device.Device;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TenantId;
import io.crosslm.protocol.topic.DevicePermissions;
import io.crosslm.protocol.topic.Topics;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The rules of one role of dynamic security. Immutable.
 *
 * @param rules what the role allows, and denies where somebody else has written so
 */
record AccessRules(Set<Rule> rules) {
    /** Role of the coordinator's own account. */
    static final String COORDINATOR_ROLE = "crosslm-coordinator";

    private static final String DEVICE_ROLE = "crosslm-device-";
    private static final String PUBLISH = "publishClientSend";
    private static final String READ_TOPIC = "subscribeLiteral";
    private static final String READ_PATTERN = "subscribePattern";

    AccessRules {
        rules = Set.copyOf(rules);
    }

    /** One line of a role, in the plugin's words. */
    record Rule(String type, String topic, boolean allow) {}

    /** The role of one device. */
    static String roleOf(DeviceId device) {
        return roleOf(device.value());
    }

    static String roleOf(String username) {
        return DEVICE_ROLE + username;
    }

    static boolean isDeviceRole(String role) {
        return role.startsWith(DEVICE_ROLE);
    }

    /** All of the protocol's topics. */
    static AccessRules ofCoordinator(TenantId tenant) {
        String all = Topics.PREFIX + tenant + "/#";
        return new AccessRules(
                Set.of(new Rule(PUBLISH, all, true), new Rule(READ_PATTERN, all, true)));
    }

    /** What one device may do, and nothing else. */
    static AccessRules of(TenantId tenant, Device device) {
        DevicePermissions permissions = DevicePermissions.of(tenant, device.id(), device.tasks());
        Set<Rule> rules = new LinkedHashSet<>();
        permissions.topicsToPublish().forEach(topic -> rules.add(new Rule(PUBLISH, topic, true)));
        permissions.topicsToRead().forEach(topic -> rules.add(new Rule(READ_TOPIC, topic, true)));
        permissions
                .patternsToRead()
                .forEach(pattern -> rules.add(new Rule(READ_PATTERN, pattern, true)));
        return new AccessRules(rules);
    }

    static AccessRules parse(JsonObject role) {
        Set<Rule> rules = new LinkedHashSet<>();
        if (role.has("acls")) {
            for (JsonElement element : role.getAsJsonArray("acls")) {
                JsonObject rule = element.getAsJsonObject();
                rules.add(
                        new Rule(
                                rule.get("acltype").getAsString(),
                                rule.get("topic").getAsString(),
                                rule.get("allow").getAsBoolean()));
            }
        }
        return new AccessRules(rules);
    }

    /**
     * A command that sets them.
     *
     * @param command createRole or modifyRole
     */
    JsonObject toCommand(String command, String role) {
        JsonArray list = new JsonArray();
        for (Rule rule : rules) {
            JsonObject line = new JsonObject();
            line.addProperty("acltype", rule.type());
            line.addProperty("topic", rule.topic());
            line.addProperty("allow", rule.allow());
            list.add(line);
        }
        JsonObject json = ControlChannel.command(command);
        json.addProperty("rolename", role);
        json.add("acls", list);
        return json;
    }
}
