package io.crosslm.tools.demo;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Follows a coordinator's events until that coordinator ends. */
final class EventWatch {
    private static final Duration LIMIT = Duration.ofMinutes(20);

    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();

    EventWatch(CoordinatorApi api) {
        Thread thread = new Thread(() -> follow(api), "events");
        thread.setDaemon(true);
        thread.start();
    }

    private void follow(CoordinatorApi api) {
        try {
            api.follow(events::add);
        } catch (IOException | UncheckedIOException e) {
            // The coordinator was killed: there will be no more events.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for the first progress within a step. */
    JsonObject awaitProgress(String step) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            JsonObject event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("no progress in " + step + " within " + LIMIT);
            }
            if ("progress".equals(event.get("type").getAsString())
                    && step.equals(event.get("step").getAsString())) {
                return event;
            }
        }
    }
}
