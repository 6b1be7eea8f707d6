package io.crosslm.coordinator.ops;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.BackPressureStrategy;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Passes events on to all who listen now. One that does not keep up misses events; nobody waits for
 * it. Thread-safe.
 */
@ApplicationScoped
public final class EventFeed {
    private final List<MultiEmitter<? super Event>> listeners = new CopyOnWriteArrayList<>();

    /** Tells all listeners. */
    public void publish(Event event) {
        listeners.forEach(listener -> listener.emit(event));
    }

    /** The events from now on, without end. */
    public Multi<Event> events() {
        return Multi.createFrom()
                .<Event>emitter(listener -> add(listener), BackPressureStrategy.DROP);
    }

    private void add(MultiEmitter<? super Event> listener) {
        listeners.add(listener);
        listener.onTermination(() -> listeners.remove(listener));
    }
}
