package io.crosslm.coordinator.mqtt;

import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.tls.ServerIdentity;
import io.crosslm.testkit.CutProxy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.nio.file.Path;
import java.security.SecureRandom;

/** The embedded broker behind a proxy, which the coordinator connects through. */
@Alternative
@ApplicationScoped
public class ProxiedBroker implements BrokerInProcess {
    private volatile CutProxy proxy;
    private volatile int directPort;

    /** The proxy, once the broker has started. */
    public CutProxy proxy() {
        return proxy;
    }

    /** Where devices reach the broker without it. */
    public int directPort() {
        return directPort;
    }

    @Override
    public Broker start(Path folder, BrokerListener listener, DeviceRegistry registry) {
        EmbeddedBroker broker =
                EmbeddedBroker.start(folder, listener, registry, new SecureRandom());
        directPort = broker.account().port();
        proxy = CutProxy.to(directPort);
        BrokerAccount account =
                new BrokerAccount(
                        broker.account().host(),
                        proxy.port(),
                        broker.account().trust(),
                        broker.account().credential());
        return new Broker() {
            @Override
            public BrokerAccount account() {
                return account;
            }

            @Override
            public BrokerAccess access() {
                return broker.access();
            }

            @Override
            public void renew(ServerIdentity identity) {
                broker.renew(identity);
            }

            @Override
            public void close() {
                proxy.close();
                broker.close();
            }
        };
    }
}
