package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.slm.encoder.EncoderSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class FleetModelTest {
    @Test
    void named_encoderAndMode_isAsInATaskFile() {
        assertThat(FleetModel.named("bge-lora").toJson())
                .isEqualTo(
                        json(
                                "{'name': 'bge-lora', 'engine': 'onnx', 'encoder': 'bge',"
                                        + " 'mode': 'lora'}"));
        assertThat(FleetModel.named("cnn").toJson())
                .isEqualTo(json("{'name': 'cnn', 'engine': 'tflite', 'light': 'cnn'}"));
    }

    @Test
    void named_everyKnownName_comesBackFromJson() {
        assertThat(FleetModel.names())
                .hasSize(11)
                .allSatisfy(
                        name ->
                                assertThat(FleetModel.of(FleetModel.named(name).toJson()))
                                        .isEqualTo(FleetModel.named(name)));
    }

    @Test
    void named_unknown_isToldTheKnownOnes() {
        assertThatThrownBy(() -> FleetModel.named("e5-head"))
                .hasMessageContaining("bge-head")
                .hasMessageContaining("found e5-head");
    }

    @Test
    void of_namelessParts_areTheCoordinatorsDefaults() {
        assertThat(FleetModel.of(json("{'name': 'a', 'engine': 'onnx'}")))
                .isEqualTo(new FleetModel("a", "onnx", "minilm", "head"));
        assertThat(FleetModel.of(json("{'name': 'b', 'engine': 'tflite'}")))
                .isEqualTo(new FleetModel("b", "tflite", "", "bag"));
    }

    @Test
    void bge_isAJarWithAnEncoder() {
        Path jar = FleetModel.bge();

        assertThat(EncoderSource.at(jar, FleetModel.BGE_LICENCE).name())
                .isEqualTo("bge-small-en-v1.5");
    }

    private static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }
}
