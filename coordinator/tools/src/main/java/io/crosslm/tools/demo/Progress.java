package io.crosslm.tools.demo;

import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Prints what happens, with the time since the start. Thread-safe. */
final class Progress {
    private final PrintWriter out;
    private final long start = System.nanoTime();
    private final boolean terminal = System.console() != null;
    private boolean open;

    Progress(PrintWriter out) {
        this.out = out;
    }

    /** Prints a line that stays. */
    synchronized void say(String text) {
        if (open) {
            out.println();
            open = false;
        }
        out.println(stamp() + text);
        out.flush();
    }

    /** Shows a line that the next one replaces; only on a terminal. */
    synchronized void show(String text) {
        if (terminal) {
            out.print("\r" + stamp() + text + "\u001b[K");
            out.flush();
            open = true;
        }
    }

    /** Shows an event of the coordinator. */
    void event(JsonObject event) {
        if (event.has("type") && "progress".equals(event.get("type").getAsString())) {
            show(
                    String.format(
                            Locale.ROOT,
                            "  round %s %s %s",
                            text(event, "round"),
                            text(event, "step"),
                            detail(event)));
        }
    }

    private static String detail(JsonObject event) {
        if (!event.has("detail") || !event.get("detail").isJsonObject()) {
            return "";
        }
        JsonObject detail = event.getAsJsonObject("detail");
        StringBuilder all = new StringBuilder(text(detail, "done") + " of " + text(detail, "all"));
        if (detail.has("tokensPerSecond")) {
            double rate = detail.get("tokensPerSecond").getAsDouble();
            all.append(String.format(Locale.ROOT, ", %.0f tokens/s", rate));
        }
        if (detail.has("loss")) {
            double loss = detail.get("loss").getAsDouble();
            all.append(String.format(Locale.ROOT, ", loss %.3f", loss));
        }
        return all.toString();
    }

    private static String text(JsonObject event, String key) {
        return event.has(key) && event.get(key).isJsonPrimitive()
                ? event.get(key).getAsString()
                : "";
    }

    private String stamp() {
        long seconds = seconds();
        return String.format(Locale.ROOT, "[%2d:%02d] ", seconds / 60, seconds % 60);
    }

    long seconds() {
        return Duration.ofNanos(System.nanoTime() - start).toSeconds();
    }
}
