package io.crosslm.coordinator.mqtt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.coordinator.device.Secret;
import io.crosslm.protocol.DeviceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Accounts and roles as dynamic security has them, and the changes that the coordinator makes.
 * Every change can be made again. Confined to one thread.
 */
final class AccountBook {
    /** An answer must fit a packet: roles have up to 200 rules of a hundred bytes each. */
    private static final int ROLES_AT_ONCE = 10;

    private static final int ACCOUNTS_AT_ONCE = 200;

    private final ControlChannel control;
    private final Map<String, AccessRules> roles = new HashMap<>();

    /** The roles of each account, by user name. */
    private final Map<String, Set<String>> accounts = new HashMap<>();

    private AccountBook(ControlChannel control) {
        this.control = control;
    }

    /** Asks the broker for all it has. */
    static AccountBook read(ControlChannel control) {
        AccountBook book = new AccountBook(control);
        book.list("listRoles", "roles", ROLES_AT_ONCE)
                .forEach(
                        role ->
                                book.roles.put(
                                        role.get("rolename").getAsString(),
                                        AccessRules.parse(role)));
        for (JsonObject account : book.list("listClients", "clients", ACCOUNTS_AT_ONCE)) {
            Set<String> names = new HashSet<>();
            account.getAsJsonArray("roles")
                    .forEach(
                            role ->
                                    names.add(
                                            role.getAsJsonObject().get("rolename").getAsString()));
            book.accounts.put(account.get("username").getAsString(), names);
        }
        return book;
    }

    boolean hasAccount(DeviceId device) {
        return accounts.containsKey(device.value());
    }

    /** Devices that have an account or a role of the coordinator's making, by user name. */
    Set<String> deviceNames() {
        Set<String> names = new HashSet<>();
        roles.keySet().stream()
                .filter(AccessRules::isDeviceRole)
                .map(role -> role.substring(AccessRules.roleOf("").length()))
                .forEach(names::add);
        return names;
    }

    /** Makes a role what it must be; who has it is disconnected if that is a change. */
    void setRole(String role, AccessRules rules) {
        AccessRules present = roles.get(role);
        if (!rules.equals(present)) {
            control.run(rules.toCommand(present == null ? "createRole" : "modifyRole", role));
            roles.put(role, rules);
        }
    }

    /** Gives an account a role; it is disconnected if that is a change. */
    void giveRole(String username, String role) {
        Set<String> present = accounts.getOrDefault(username, Set.of());
        if (!present.contains(role)) {
            JsonObject command = ControlChannel.command("addClientRole");
            command.addProperty("username", username);
            command.addProperty("rolename", role);
            control.run(command);
        }
    }

    /** Makes a device's account, with the role that it must have already. */
    void addAccount(DeviceId device, Secret token) {
        control.run(creation(device, token));
        accounts.put(device.value(), Set.of(AccessRules.roleOf(device)));
    }

    /** Takes a device's account and role away; its connection ends. */
    void remove(String username) {
        String role = AccessRules.roleOf(username);
        // An account of that name without that role is somebody else's.
        if (accounts.getOrDefault(username, Set.of()).contains(role)) {
            control.run(removal(username));
        } else if (roles.containsKey(role)) {
            control.run(removal(username).get(1));
        }
        accounts.remove(username);
        roles.remove(role);
    }

    /** The command that makes a device's account. */
    static JsonObject creation(DeviceId device, Secret token) {
        JsonObject role = new JsonObject();
        role.addProperty("rolename", AccessRules.roleOf(device));
        JsonArray list = new JsonArray();
        list.add(role);
        JsonObject command = ControlChannel.command("createClient");
        command.addProperty("username", device.value());
        command.addProperty("clientid", device.value());
        command.addProperty("password", token.reveal());
        command.add("roles", list);
        return command;
    }

    /** The commands that take account and role away. */
    static List<JsonObject> removal(String username) {
        JsonObject account = ControlChannel.command("deleteClient");
        account.addProperty("username", username);
        JsonObject role = ControlChannel.command("deleteRole");
        role.addProperty("rolename", AccessRules.roleOf(username));
        return List.of(account, role);
    }

    private List<JsonObject> list(String command, String field, int atOnce) {
        List<JsonObject> found = new ArrayList<>();
        while (true) {
            JsonObject page = ControlChannel.command(command);
            page.addProperty("verbose", true);
            page.addProperty("count", atOnce);
            page.addProperty("offset", found.size());
            JsonObject answer = control.run(page);
            JsonArray entries = answer.getAsJsonArray(field);
            for (JsonElement entry : entries) {
                found.add(entry.getAsJsonObject());
            }
            if (entries.isEmpty() || found.size() >= answer.get("totalCount").getAsInt()) {
                return found;
            }
        }
    }
}
