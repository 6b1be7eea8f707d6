package io.crosslm.coordinator;

import io.crosslm.edge.data.Example;
import io.crosslm.edge.data.ExampleSource;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A device's private sentences about the weather.
 *
 * @param seed which words it uses
 */
public record Sentences(int seed) implements ExampleSource {
    private static final List<String> SUN = List.of("bright", "warm", "blue", "golden", "clear");
    private static final List<String> RAIN = List.of("wet", "grey", "stormy", "soaking", "drizzly");

    public static Sentences of(int seed) {
        return new Sentences(seed);
    }

    @Override
    public List<Example> training() {
        return sentences(12);
    }

    @Override
    public List<Example> validation() {
        return sentences(8);
    }

    private List<Example> sentences(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        i -> {
                            boolean rain = i % 2 == 0;
                            List<String> words = rain ? RAIN : SUN;
                            String word = words.get((i / 2 + seed) % words.size());
                            return Example.of(
                                    "a " + word + " day, note " + i, rain ? "rain" : "sun");
                        })
                .toList();
    }
}
