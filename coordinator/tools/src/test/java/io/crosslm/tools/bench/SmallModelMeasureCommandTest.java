package io.crosslm.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.crosslm.slm.pack.LightPackageBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** With a light package, whose steps have 24 rows. */
final class SmallModelMeasureCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir private Path folder;
    private Path file = Path.of("");
    private Path texts = Path.of("");

    @BeforeEach
    void buildAPackage() throws IOException {
        file = folder.resolve("light.slm.zip");
        LightPackageBuilder.of(List.of("no", "yes")).build(file);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 24 * 6; i++) {
            lines.add("text number " + i);
        }
        texts = Files.write(folder.resolve("texts.txt"), lines);
    }

    @Test
    void train_textsForAllSteps_printsMillisecondsOfAStep() {
        assertThat(run("train", "--rows", "24", "--runs", "3")).as(errors.toString()).isZero();

        JsonObject line = SideResult.parse(out.toString()).orElseThrow();
        assertThat(line.get("metric").getAsString()).isEqualTo("train");
        assertThat(line.get("unit").getAsString()).isEqualTo("ms/step");
        assertThat(line.get("runs").getAsInt()).isEqualTo(3);
        assertThat(line.get("median").getAsDouble()).isPositive();
        assertThat(line.get("value").getAsDouble())
                .isLessThanOrEqualTo(line.get("median").getAsDouble());
    }

    @Test
    void score_everyRun_hasItsPartOfTheTexts() {
        assertThat(run("score", "--runs", "5", "--warmup", "1")).as(errors.toString()).isZero();

        JsonObject line = SideResult.parse(out.toString()).orElseThrow();
        assertThat(line.get("metric").getAsString()).isEqualTo("score");
        assertThat(line.get("batch").getAsInt()).isEqualTo(24);
        assertThat(line.get("median").getAsDouble()).isPositive();
    }

    @Test
    void train_otherRowsThanThePackages_saysSo() {
        assertThat(run("train", "--rows", "16", "--runs", "3")).isNotZero();

        assertThat(errors.toString()).contains("steps have not 16 rows", "--rows");
    }

    @Test
    void train_packageWithPatience_saysThatItEndedEarly() {
        file = folder.resolve("patient.slm.zip");
        LightPackageBuilder.of(List.of("no", "yes")).patience(1).build(file);

        // Texts that tell nothing of their labels: validation gets worse soon.
        int status = run("train", "--rows", "24", "--all-at-once", "--runs", "13");

        assertThat(status).isNotZero();
        assertThat(errors.toString()).contains("ended before its last step", "patience");
    }

    @Test
    void train_tooFewTexts_saysHowManyAreNeeded() {
        assertThat(run("train", "--rows", "24", "--runs", "9")).isNotZero();

        assertThat(errors.toString()).contains("144 texts where 288 are needed");
    }

    @Test
    void train_noSuchTexts_isWrongUsage() {
        texts = folder.resolve("nothing.txt");

        assertThat(run("train")).isEqualTo(2);
        assertThat(errors.toString()).contains("nothing.txt is not a file");
    }

    private int run(String work, String... more) {
        List<String> arguments = new ArrayList<>(List.of("measure-slm", work, file.toString()));
        arguments.addAll(List.of("--texts", texts.toString(), "--threads", "1"));
        arguments.addAll(Arrays.asList(more));
        return new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(errors))
                .execute(arguments.toArray(new String[0]));
    }
}
