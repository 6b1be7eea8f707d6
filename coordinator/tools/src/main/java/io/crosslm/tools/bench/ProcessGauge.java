package io.crosslm.tools.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Peak resident memory of this process since {@link #start}, sampled every 5 ms as the peers'
 * programs do, and the share of the machine's CPU time that others took. Linux only.
 */
final class ProcessGauge implements AutoCloseable {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/stat");
    private static final int SAMPLE_MILLIS = 5;
    private static final double TICKS_PER_SECOND = 100;

    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread sampler = new Thread(this::sample, "peak-memory");
    private volatile long peakKib;
    private Cpu begin = Cpu.now();

    private ProcessGauge() {
        sampler.setDaemon(true);
    }

    static ProcessGauge start() {
        ProcessGauge gauge = new ProcessGauge();
        gauge.peakKib = residentKib();
        gauge.sampler.start();
        return gauge;
    }

    /** Forgets the CPU time so far; memory stays. */
    void resetCpu() {
        begin = Cpu.now();
    }

    long peakMib() {
        return Math.max(peakKib, residentKib()) >> 10;
    }

    /** CPU seconds of this process, all threads. */
    static double cpuSeconds() {
        OperatingSystemMXBean system =
                (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime() / 1e9;
    }

    /** 0 if nothing else ran since the last reset. */
    double otherCpu() {
        Cpu end = Cpu.now();
        double capacity = end.all - begin.all;
        double others = end.busy - begin.busy - (end.own - begin.own);
        return capacity > 0 ? Math.max(0, others / capacity) : 0;
    }

    @Override
    public void close() {
        stop.countDown();
    }

    private void sample() {
        try {
            while (!stop.await(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
                peakKib = Math.max(peakKib, residentKib());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long residentKib() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", ""));
                }
            }
            throw new IllegalStateException(STATUS + " has no VmRSS");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Seconds of all processors, of them busy, and of this process. */
    private record Cpu(double all, double busy, double own) {
        static Cpu now() {
            try {
                String[] fields = Files.readAllLines(STAT).get(0).trim().split("\\s+");
                double all = 0;
                double idle = 0;
                // user nice system idle iowait irq softirq steal; guests are part of user.
                for (int i = 1; i <= Math.min(8, fields.length - 1); i++) {
                    double seconds = Long.parseLong(fields[i]) / TICKS_PER_SECOND;
                    all += seconds;
                    idle += i == 4 || i == 5 ? seconds : 0;
                }
                return new Cpu(all, all - idle, cpuSeconds());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
