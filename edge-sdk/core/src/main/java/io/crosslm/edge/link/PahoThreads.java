package io.crosslm.edge.link;

import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the threads on which Paho is called. Those that Paho makes of its own come from them and
 * belong to the same group; what they throw when a connection goes while it is used ends here. On
 * Android it would end the app. Thread-safe.
 */
final class PahoThreads implements ThreadFactory {
    private static final Logger log = LoggerFactory.getLogger(PahoThreads.class);

    private final ThreadGroup group = new Group();

    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(group, work, "crosslm-paho");
        thread.setDaemon(true);
        return thread;
    }

    /** Writes exceptions down; errors are for the app. */
    private static final class Group extends ThreadGroup {
        Group() {
            super("crosslm-paho");
        }

        @Override
        public void uncaughtException(Thread thread, Throwable thrown) {
            if (thrown instanceof Error) {
                super.uncaughtException(thread, thrown);
            } else {
                log.warn("{} of the MQTT client ended early", thread.getName(), thrown);
            }
        }
    }
}
