package io.crosslm.tools.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One comparison: our best setting against the peers' best.
 *
 * @param name as users write it
 * @param figure what is compared
 * @param target ratio wanted
 * @param memory name of the comparison of memory that the same processes give, or null
 * @param memoryTarget ratio wanted there
 * @param ours settings of ours to choose from
 * @param peers programs and settings to choose from
 */
record Contest(
        String name,
        Figure figure,
        double target,
        @Nullable String memory,
        double memoryTarget,
        List<Side> ours,
        List<Side> peers) {
    Contest {
        ours = List.copyOf(ours);
        peers = List.copyOf(peers);
    }

    static Contest of(
            String name, Figure figure, double target, List<Side> ours, List<Side> peers) {
        return new Contest(name, figure, target, null, 0, ours, peers);
    }

    /** What of a process is compared. */
    enum Figure {
        /** Tokens a second: the line's median. */
        RATE("tokens/s", true),
        /** Seconds of a step: the line's median. */
        STEP("s", false),
        /** Milliseconds of a small model's step or batch: the line's median. */
        SHORT_STEP("ms", false),
        /** Seconds from the start of the process to its line. */
        FIRST_LINE("s", false),
        /** The line's peak resident memory. */
        MEMORY("MiB", false);

        private final String unit;
        private final boolean moreIsBetter;

        Figure(String unit, boolean moreIsBetter) {
            this.unit = unit;
            this.moreIsBetter = moreIsBetter;
        }

        String unit() {
            return unit;
        }

        double of(SideResult result) {
            return switch (this) {
                case RATE, STEP, SHORT_STEP -> result.number("median");
                case FIRST_LINE -> result.seconds();
                case MEMORY -> result.number("peak_rss_mib");
            };
        }

        /** Above 1 if the first is better. */
        double ratio(double first, double second) {
            return moreIsBetter ? first / second : second / first;
        }
    }
}
