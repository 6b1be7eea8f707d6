package io.crosslm.llm.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.crosslm.testkit.golden.Goldens;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class FrontierDivergenceTest {
    @Test
    void area_goldenHistograms_agreesWithPython() {
        for (JsonElement element : GenerationGolden.json().getAsJsonArray("frontier")) {
            JsonObject item = element.getAsJsonObject();
            double area =
                    FrontierDivergence.area(
                            Goldens.numbers(item.get("real")),
                            Goldens.numbers(item.get("written")));
            assertThat(area).isEqualTo(item.get("area").getAsDouble(), within(1e-12));
        }
    }

    @Test
    void of_groupsFarApart_isTheAreaOfTheirHistograms() {
        // 20 texts a side make 2 clusters; 10 and 10 of one side, 5 and 15 of the other.
        float[][] written = groups(20, 10);
        float[][] real = groups(20, 5);

        Estimate likeness = FrontierDivergence.of(written, real, 1);

        assertThat(likeness.mean())
                .isEqualTo(
                        FrontierDivergence.area(new double[] {5, 15}, new double[] {10, 10}),
                        within(1e-12));
        assertThat(likeness.standardError()).isBetween(0.01, 0.3);
    }

    @Test
    void of_nothingInCommon_isNearZero() {
        assertThat(FrontierDivergence.of(groups(20, 20), groups(20, 0), 1).mean()).isLessThan(0.01);
    }

    @Test
    void of_sameSeed_isTheSame() {
        float[][] written = new float[60][];
        float[][] real = new float[60][];
        Arrays.setAll(written, i -> new float[] {(float) Math.sin(i), (float) Math.cos(3 * i)});
        Arrays.setAll(real, i -> new float[] {(float) Math.sin(2 * i), (float) Math.cos(i)});

        assertThat(FrontierDivergence.of(written, real, 7))
                .isEqualTo(FrontierDivergence.of(written, real, 7));
    }

    @Test
    void clusters_groupsFarApart_areFound() {
        float[][] points = groups(30, 12);

        int[] clusters = KMeans.clusters(points, 2, 3);

        for (int i = 0; i < points.length; i++) {
            assertThat(clusters[i] == clusters[0]).isEqualTo(i < 12);
        }
    }

    /** The first points near (0, 0), the others near (100, 100). */
    private static float[][] groups(int count, int first) {
        float[][] points = new float[count][];
        Arrays.setAll(
                points,
                i -> {
                    float centre = i < first ? 0 : 100;
                    return new float[] {centre + i % 3, centre - i % 5};
                });
        return points;
    }
}
