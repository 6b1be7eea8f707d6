package io.crosslm.edge.link;

import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.internal.NetworkModule;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Paho's client with a way to the broker that may be cut at any time. Thread-safe. */
final class PahoClient extends MqttAsyncClient {
    PahoClient(String serverUri, String clientId) throws MqttException {
        super(serverUri, clientId, new MemoryPersistence());
    }

    @Override
    protected NetworkModule[] createNetworkModules(String address, MqttConnectionOptions options)
            throws MqttException {
        NetworkModule[] ways = super.createNetworkModules(address, options);
        for (int i = 0; i < ways.length; i++) {
            ways[i] = new SpeakingFirst(ways[i]);
        }
        return ways;
    }
}
