package io.crosslm.edge.privacy;

import java.util.Locale;

/**
 * What a device has spent of what a task may cost, counted by the device itself. Immutable: spend
 * gives the next one, which is stored before anything leaves.
 */
public final class PrivacyBudget {
    private static final String HEADER = "crosslm-privacy-budget 1";

    /** What a sum of losses may differ by from their product. */
    private static final double ROUNDING = 1e-9;

    private final PrivacyGuarantee limit;
    private final RenyiLoss spent;
    private final long queries;

    private PrivacyBudget(PrivacyGuarantee limit, RenyiLoss spent, long queries) {
        this.limit = limit;
        this.spent = spent;
        this.queries = queries;
    }

    /** A budget of which nothing is spent. */
    public static PrivacyBudget of(PrivacyGuarantee limit) {
        return new PrivacyBudget(limit, RenyiLoss.none(), 0);
    }

    /** Whether so much more stays within the limit, but for rounding. */
    public boolean allows(RenyiLoss loss) {
        return spent.plus(loss).epsilon(limit.delta()) <= limit.epsilon() * (1 + ROUNDING);
    }

    /**
     * The budget after spending.
     *
     * @throws IllegalStateException if it is more than the limit; the message says what is left
     */
    public PrivacyBudget spend(RenyiLoss loss) {
        if (!allows(loss)) {
            throw new IllegalStateException(refusal(loss));
        }
        return new PrivacyBudget(limit, spent.plus(loss), queries + 1);
    }

    /** Why so much more is refused, for the app and the coordinator. */
    public String refusal(RenyiLoss loss) {
        return String.format(
                Locale.ROOT,
                "epsilon would be %.3f where the device allows %.3f at delta %.1e; %.3f is spent",
                spent.plus(loss).epsilon(limit.delta()),
                limit.epsilon(),
                limit.delta(),
                spent().epsilon());
    }

    /** The most that may be spent. */
    public PrivacyGuarantee limit() {
        return limit;
    }

    /** What is spent, at the limit's delta. */
    public PrivacyGuarantee spent() {
        return new PrivacyGuarantee(spent.epsilon(limit.delta()), limit.delta());
    }

    /** How often something was spent. */
    public long queries() {
        return queries;
    }

    /**
     * The same spending under another limit. Whoever asks for it must have made sure that the
     * device agreed to that one.
     */
    public PrivacyBudget under(PrivacyGuarantee other) {
        return new PrivacyBudget(other, spent, queries);
    }

    /** The budget as text, for a file; {@link #read} gives the same bits back. */
    public String write() {
        StringBuilder text = new StringBuilder(HEADER);
        text.append('\n').append(limit.epsilon()).append(' ').append(limit.delta());
        text.append(' ').append(queries).append('\n');
        for (double divergence : spent.divergences()) {
            text.append(divergence).append('\n');
        }
        return text.toString();
    }

    /**
     * Reads what {@link #write} gave.
     *
     * @throws IllegalArgumentException if it is something else; a budget that cannot be read counts
     *     as spent
     */
    public static PrivacyBudget read(String text) {
        String[] lines = text.split("\n", -1);
        String[] limits = lines.length < 3 ? new String[0] : lines[1].split(" ", -1);
        if (!lines[0].equals(HEADER) || limits.length != 3) {
            throw new IllegalArgumentException("this is no privacy budget");
        }
        // The last line is empty.
        double[] divergences = new double[lines.length - 3];
        for (int i = 0; i < divergences.length; i++) {
            divergences[i] = Double.parseDouble(lines[i + 2]);
        }
        return new PrivacyBudget(
                new PrivacyGuarantee(Double.parseDouble(limits[0]), Double.parseDouble(limits[1])),
                RenyiLoss.ofDivergences(divergences),
                Long.parseLong(limits[2]));
    }
}
