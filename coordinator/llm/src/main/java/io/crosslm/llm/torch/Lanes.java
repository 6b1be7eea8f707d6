package io.crosslm.llm.torch;

import io.crosslm.llm.Completion.Finish;
import io.crosslm.llm.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The rows that are generated together, each with the tokens that were drawn for it. Confined to
 * the model's thread.
 */
final class Lanes {
    private final Sampling sampling;
    private final long seed;
    private final StopRule rule;
    private List<Lane> lanes = new ArrayList<>();
    private int drawn;

    Lanes(int count, Sampling sampling, long seed, StopRule rule) {
        this.sampling = sampling;
        this.seed = seed;
        this.rule = rule;
        for (int i = 0; i < count; i++) {
            lanes.add(new Lane(sampling.maxNewTokens()));
        }
    }

    int count() {
        return lanes.size();
    }

    int active() {
        return count() - free();
    }

    int free() {
        return (int) lanes.stream().filter(lane -> lane.free).count();
    }

    /** Gives the first free lane to a completion. */
    int begin(int completion, int promptLength) {
        for (int i = 0; i < lanes.size(); i++) {
            if (lanes.get(i).free) {
                // By the completion's place in the request, so that the plan of rows does not
                // change its draws.
                long own = seed * 0x9E3779B97F4A7C15L + completion;
                lanes.get(i).begin(completion, promptLength, new SplittableRandom(own));
                return i;
            }
        }
        throw new IllegalStateException("No lane is free");
    }

    /** The most tokens that an active row may still get. */
    int mostLeft() {
        int most = 0;
        for (Lane lane : lanes) {
            most = Math.max(most, lane.free ? 0 : sampling.maxNewTokens() - lane.count);
        }
        return most;
    }

    /** Position of every row's next token; a free row writes where it hurts nobody. */
    long[] positions() {
        return lanes.stream().mapToLong(lane -> lane.free ? 0 : lane.next()).toArray();
    }

    /** The highest of the {@link #positions}. */
    int longest() {
        return lanes.stream().mapToInt(lane -> lane.free ? 0 : lane.next()).max().orElse(0);
    }

    /** How many tokens must come in each row before an end. */
    long[] held() {
        return lanes.stream()
                .mapToLong(
                        lane -> lane.free ? 0 : Math.max(0, sampling.minNewTokens() - lane.count))
                .toArray();
    }

    /** Uniform numbers in [0, 1), row after row. */
    float[] uniforms(int steps) {
        float[] uniforms = new float[lanes.size() * steps];
        for (int i = 0; i < uniforms.length; i++) {
            Lane lane = lanes.get(i / steps);
            // 24 bits, so that rounding never gives 1.
            uniforms[i] = lane.free ? 0 : lane.random.nextInt(1 << 24) * 0x1p-24f;
        }
        return uniforms;
    }

    /** Takes in what was drawn, row after row. */
    void append(long[] ids) {
        int steps = ids.length / lanes.size();
        drawn = ids.length;
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            for (int t = 0; t < steps && !lane.free && lane.count < lane.tokens.length; t++) {
                lane.tokens[lane.count++] = (int) ids[i * steps + t];
            }
        }
    }

    /** Frees the rows that are finished and tells of all that happened. */
    void report(int[][] results, GenerationObserver observer) {
        observer.drew(drawn);
        for (Lane lane : lanes) {
            if (lane.free) {
                continue;
            }
            StopRule.Ending ending = rule.ending(lane.tokens, lane.count);
            boolean full = lane.count == sampling.maxNewTokens();
            if (full || ending.finish() != Finish.LENGTH) {
                results[lane.completion] = Arrays.copyOf(lane.tokens, ending.tokens());
                lane.free = true;
                observer.finished(lane.completion, results[lane.completion]);
            } else {
                observer.wrote(lane.completion, lane.tokens, lane.count);
            }
        }
    }

    /** Ends all rows where they are. */
    void stop(int[][] results) {
        for (Lane lane : lanes) {
            if (!lane.free) {
                results[lane.completion] = Arrays.copyOf(lane.tokens, lane.count);
                lane.free = true;
            }
        }
    }

    /** Drops the free rows; gives the places that the others had. */
    List<Integer> keepActive() {
        List<Integer> places = new ArrayList<>();
        List<Lane> kept = new ArrayList<>();
        for (int i = 0; i < lanes.size(); i++) {
            if (!lanes.get(i).free) {
                places.add(i);
                kept.add(lanes.get(i));
            }
        }
        lanes = kept;
        return places;
    }

    private static final class Lane {
        private final int[] tokens;
        private boolean free = true;
        private int completion;
        private int promptLength;
        private int count;
        private SplittableRandom random = new SplittableRandom(0);

        Lane(int maximumTokens) {
            tokens = new int[maximumTokens];
        }

        void begin(int newCompletion, int newPromptLength, SplittableRandom newRandom) {
            free = false;
            completion = newCompletion;
            promptLength = newPromptLength;
            count = 0;
            random = newRandom;
        }

        int next() {
            return promptLength + count;
        }
    }
}
