package io.crosslm.agent;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Keeps what is printed and passes on each whole line. Thread-safe. */
final class LineWatch {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Consumer<String> watcher;

    LineWatch(Consumer<String> watcher) {
        this.watcher = watcher;
    }

    PrintStream stream() {
        return new PrintStream(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        add(b);
                    }
                },
                true,
                StandardCharsets.UTF_8);
    }

    synchronized String text() {
        return all.toString(StandardCharsets.UTF_8);
    }

    private synchronized void add(int b) {
        all.write(b);
        if (b == '\n') {
            String whole = line.toString(StandardCharsets.UTF_8);
            line.reset();
            watcher.accept(whole);
        } else {
            line.write(b);
        }
    }
}
