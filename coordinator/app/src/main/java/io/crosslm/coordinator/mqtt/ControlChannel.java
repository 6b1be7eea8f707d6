package io.crosslm.coordinator.mqtt;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Commands to mosquitto's dynamic security plugin and its answers, over a connection of their own.
 * Thread-safe.
 */
final class ControlChannel implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlChannel.class);

    private static final String COMMANDS = "$CONTROL/dynamic-security/v1";
    private static final String ANSWERS = COMMANDS + "/response";
    private static final String CLIENT_ID = "coordinator.access";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final BrokerAccount account;
    private final BrokerConnection connection;
    private final Runnable connected;
    private final Map<String, CompletableFuture<JsonObject>> asked = new ConcurrentHashMap<>();

    /** Other administrators hear the answers, too, and the coordinator those to them. */
    private final String mark;

    private final AtomicLong last = new AtomicLong();

    /**
     * Begins to connect.
     *
     * @param mark tells this channel's commands from others'
     * @param connected called at each new connection, on a network thread
     */
    ControlChannel(BrokerAccount account, String mark, Runnable connected) {
        this.account = account;
        this.mark = mark;
        this.connected = connected;
        this.connection =
                BrokerConnection.open(
                        account,
                        new BrokerConnection.Purpose(
                                CLIENT_ID,
                                List.of(ANSWERS),
                                Optional.empty(),
                                "make it an administrator of dynamic security (mosquitto_ctrl"
                                        + " dynsec init)"),
                        new Ear());
    }

    boolean isUp() {
        return connection.isUp();
    }

    Optional<CoordinatorException> problem() {
        return connection.problem();
    }

    static JsonObject command(String name) {
        JsonObject command = new JsonObject();
        command.addProperty("command", name);
        return command;
    }

    /**
     * Has one command done.
     *
     * @return what it answers; empty for most
     * @throws CoordinatorException BROKER_ACCESS if it is refused or not answered
     */
    JsonObject run(JsonObject command) {
        return run(List.of(command)).get(0);
    }

    /** Has commands done, one after the other; the first that is refused is thrown. */
    List<JsonObject> run(List<JsonObject> commands) {
        JsonArray list = new JsonArray();
        List<String> keys = new ArrayList<>();
        List<CompletableFuture<JsonObject>> answers = new ArrayList<>();
        for (JsonObject command : commands) {
            String key = mark + "-" + last.incrementAndGet();
            JsonObject marked = command.deepCopy();
            marked.addProperty("correlationData", key);
            list.add(marked);
            CompletableFuture<JsonObject> answer = new CompletableFuture<>();
            keys.add(key);
            asked.put(key, answer);
            answers.add(answer);
        }
        JsonObject message = new JsonObject();
        message.add("commands", list);
        try {
            connection.await(
                    connection.publish(
                            Mqtt5Publish.builder()
                                    .topic(COMMANDS)
                                    // Never twice: what is lost is asked for again.
                                    .qos(MqttQos.AT_MOST_ONCE)
                                    .payload(message.toString().getBytes(StandardCharsets.UTF_8))
                                    .build()));
            List<JsonObject> results = new ArrayList<>();
            for (int i = 0; i < commands.size(); i++) {
                results.add(result(commands.get(i).get("command").getAsString(), answers.get(i)));
            }
            return results;
        } finally {
            keys.forEach(asked::remove);
        }
    }

    @Override
    public void close() {
        connection.close();
    }

    private JsonObject result(String command, CompletableFuture<JsonObject> awaited) {
        JsonObject answer;
        try {
            answer = awaited.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new CoordinatorException(
                    Code.BROKER_AWAY, "the connection ended before " + command + " was done", e);
        } catch (TimeoutException e) {
            throw silent(command, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw silent(command, e);
        }
        if (answer.has("error")) {
            throw new CoordinatorException(
                    Code.BROKER_ACCESS,
                    "dynamic security of the broker at "
                            + account.place()
                            + " refuses "
                            + command
                            + ": "
                            + answer.get("error").getAsString());
        }
        return answer.has("data") ? answer.getAsJsonObject("data") : new JsonObject();
    }

    private CoordinatorException silent(String command, Exception cause) {
        return new CoordinatorException(
                Code.BROKER_ACCESS,
                "dynamic security of the broker at "
                        + account.place()
                        + " has not answered "
                        + command
                        + " within "
                        + TIMEOUT.toSeconds()
                        + " seconds; is its plugin loaded, and is the account of"
                        + " crosslm.mqtt.username its administrator?",
                cause);
    }

    private void take(JsonObject answer) {
        JsonElement key = answer.get("correlationData");
        CompletableFuture<JsonObject> waiting =
                key == null || !key.isJsonPrimitive() ? null : asked.get(key.getAsString());
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    /** Answers to a connection that is gone do not come. */
    private static final class EndedException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Hears the answers. */
    private final class Ear implements BrokerConnection.Listener {
        @Override
        public void connected(BrokerConnection.Memory memory) {
            // The answers went with the connection before.
            asked.values().forEach(answer -> answer.completeExceptionally(new EndedException()));
            connected.run();
        }

        @Override
        public void received(Mqtt5Publish message) {
            message.acknowledge();
            try {
                JsonParser.parseString(
                                new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8))
                        .getAsJsonObject()
                        .getAsJsonArray("responses")
                        .forEach(answer -> take(answer.getAsJsonObject()));
            } catch (JsonParseException | IllegalStateException | NullPointerException e) {
                LOG.warn("Dynamic security answered with something that is no answer");
            }
        }
    }
}
