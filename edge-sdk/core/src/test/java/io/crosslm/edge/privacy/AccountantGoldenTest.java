package io.crosslm.edge.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Compares with Google's dp-accounting; make_accountant.py makes what is expected. */
final class AccountantGoldenTest {
    @Test
    void epsilon_fiftySettings_equalsDpAccounting() throws IOException {
        SoftAssertions softly = new SoftAssertions();
        int compared = 0;
        try (Reader json =
                new InputStreamReader(
                        Objects.requireNonNull(
                                AccountantGoldenTest.class.getResourceAsStream("accountant.json")),
                        StandardCharsets.UTF_8)) {
            for (JsonElement element : JsonParser.parseReader(json).getAsJsonArray()) {
                JsonObject setting = element.getAsJsonObject();
                double epsilon =
                        new SampledGaussian(
                                        setting.get("samplingRate").getAsDouble(),
                                        setting.get("noiseMultiplier").getAsDouble())
                                .loss()
                                .times(setting.get("steps").getAsInt())
                                .epsilon(setting.get("delta").getAsDouble());
                double expected = setting.get("epsilon").getAsDouble();
                softly.assertThat(epsilon)
                        .as("%s", setting)
                        .isCloseTo(expected, within(1e-3 * Math.max(1e-3, Math.min(1, expected))));
                compared++;
            }
        }
        softly.assertAll();
        assertThat(compared).isEqualTo(50);
    }
}
