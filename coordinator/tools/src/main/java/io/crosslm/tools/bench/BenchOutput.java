package io.crosslm.tools.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Lines of a benchmark, each with the process's memory where the system tells it. */
final class BenchOutput {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final PrintWriter out;

    BenchOutput(PrintWriter out) {
        this.out = out;
    }

    void line(String format, Object... values) {
        out.printf(Locale.ROOT, "%-64s%s%n", String.format(Locale.ROOT, format, values), memory());
        out.flush();
    }

    static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static String memory() {
        if (!Files.isReadable(STATUS)) {
            return "";
        }
        long now = 0;
        long most = 0;
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    now = Long.parseLong(line.replaceAll("\\D", "")) >> 10;
                } else if (line.startsWith("VmHWM:")) {
                    most = Long.parseLong(line.replaceAll("\\D", "")) >> 10;
                }
            }
        } catch (IOException e) {
            return "  memory unknown: " + e;
        }
        return String.format(Locale.ROOT, "  %,d MB resident, at most %,d MB", now, most);
    }
}
