package io.crosslm.tools.bench;

import io.crosslm.tools.ToolException;
import io.crosslm.tools.ToolException.Code;
import io.crosslm.tools.bench.Contest.Figure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Plays contests: every setting once to find the best of each side, then both in turns. A setting
 * that is not the only one and runs over its time is out, and so is one of a peer that crashes.
 */
final class Match {
    private final SideProcess processes;
    private final List<WaitPolicy> policies;
    private final Duration limit;
    private final Consumer<String> progress;

    /**
     * Prepares for contests.
     *
     * @param policies tried for every setting
     * @param limit of one process
     * @param progress hears a line per process
     */
    Match(
            SideProcess processes,
            List<WaitPolicy> policies,
            Duration limit,
            Consumer<String> progress) {
        this.processes = processes;
        this.policies = List.copyOf(policies);
        this.limit = limit;
        this.progress = progress;
    }

    /**
     * Plays a contest.
     *
     * @param runs of each side's best setting, in turns
     * @return its result, and that of its memory where it has one
     */
    List<ContestResult> play(Contest contest, int runs) {
        Map<String, Double> tried = new LinkedHashMap<>();
        Setting ours = best(contest.figure(), contest.ours(), tried, false);
        Setting peer = best(contest.figure(), contest.peers(), tried, true);
        List<SideResult> ourResults = new ArrayList<>();
        List<SideResult> peerResults = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            ourResults.add(again(ours, contest.figure()));
            peerResults.add(again(peer, contest.figure()));
        }
        List<ContestResult> results = new ArrayList<>();
        results.add(
                ContestResult.of(
                        contest.name(),
                        contest.figure(),
                        contest.target(),
                        new ContestResult.Results(ours.name(), ourResults),
                        new ContestResult.Results(peer.name(), peerResults),
                        tried));
        String memory = contest.memory();
        if (memory != null) {
            results.add(
                    ContestResult.of(
                            memory,
                            Figure.MEMORY,
                            contest.memoryTarget(),
                            new ContestResult.Results(ours.name(), ourResults),
                            new ContestResult.Results(peer.name(), peerResults),
                            Map.of()));
        }
        return results;
    }

    private Setting best(
            Figure figure, List<Side> sides, Map<String, Double> tried, boolean mayCrash) {
        @Nullable Setting best = null;
        @Nullable SideCrash crash = null;
        double bestValue = Double.NaN;
        for (Side side : sides) {
            Duration most = limit;
            for (WaitPolicy policy : policies) {
                Setting setting = new Setting(side, policy);
                long start = System.nanoTime();
                Optional<SideResult> result;
                try {
                    result = processes.run(side, policy, most);
                } catch (SideCrash e) {
                    if (!mayCrash) {
                        throw e.problem();
                    }
                    crash = e;
                    progress.accept(setting.name() + ": LEFT OUT, " + e.problem().getMessage());
                    continue;
                }
                if (result.isEmpty()) {
                    progress.accept(setting.name() + ": not done in " + most.toSeconds() + " s");
                    continue;
                }
                // Twice as long with the next policy is lost already.
                Duration twice = Duration.ofNanos(2 * (System.nanoTime() - start));
                most = twice.compareTo(limit) < 0 ? twice : limit;
                double value = figure.of(result.get());
                tell(setting, figure, result.get());
                tried.put(setting.name(), value);
                if (best == null || figure.ratio(value, bestValue) > 1) {
                    best = setting;
                    bestValue = value;
                }
            }
        }
        if (best == null) {
            throw crash != null
                    ? crash.problem()
                    : new ToolException(
                            Code.PROCESS,
                            "No setting was done in "
                                    + limit.toSeconds()
                                    + " s; give more with --limit, on a machine with nothing else"
                                    + " to do");
        }
        return best;
    }

    private SideResult again(Setting setting, Figure figure) {
        Optional<SideResult> played;
        try {
            played = processes.run(setting.side, setting.policy, limit);
        } catch (SideCrash e) {
            throw e.problem();
        }
        SideResult result =
                played.orElseThrow(
                        () ->
                                new ToolException(
                                        Code.PROCESS,
                                        setting.name()
                                                + " was not done in "
                                                + limit.toSeconds()
                                                + " s this time; give more with --limit"));
        tell(setting, figure, result);
        return result;
    }

    private void tell(Setting setting, Figure figure, SideResult result) {
        progress.accept(
                String.format(
                        java.util.Locale.ROOT,
                        "%s: %.4g %s%s",
                        setting.name(),
                        figure.of(result),
                        figure.unit(),
                        result.line().has("other_cpu")
                                ? ", others took "
                                        + Math.round(100 * result.otherCpu())
                                        + " % of the CPU"
                                : ""));
    }

    private record Setting(Side side, WaitPolicy policy) {
        String name() {
            return side.label() + ", " + policy.name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
