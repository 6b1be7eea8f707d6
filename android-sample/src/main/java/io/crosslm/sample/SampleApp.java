package io.crosslm.sample;

import android.app.Application;
import android.content.Context;
import io.crosslm.sample.device.Device;
import io.crosslm.sample.device.Surroundings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The process: one device, and two threads for what must not be done on the main one. */
public class SampleApp extends Application {
    private final ExecutorService background = Executors.newSingleThreadExecutor(named("sample"));
    private final ExecutorService rounds = oneAtATime();
    private @Nullable Device device;

    public static SampleApp of(Context context) {
        return (SampleApp) context.getApplicationContext();
    }

    /** The device of this process. */
    public synchronized Device device() {
        Device open = device;
        if (open == null) {
            try {
                open =
                        Device.open(
                                getNoBackupFilesDir().toPath().resolve("crosslm"), surroundings());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            device = open;
        }
        return open;
    }

    /** Where short work is done: files, classification. */
    public Executor background() {
        return background;
    }

    /** Where windows are run, one after the other. */
    Executor rounds() {
        return rounds;
    }

    /** A test gives others. */
    protected Surroundings surroundings() {
        return Surroundings.ofThePhone();
    }

    private static ExecutorService oneAtATime() {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("rounds"));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static java.util.concurrent.ThreadFactory named(String name) {
        return work -> new Thread(work, name);
    }
}
