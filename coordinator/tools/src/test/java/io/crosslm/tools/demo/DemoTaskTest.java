package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.tools.ToolException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoTaskTest {
    @ParameterizedTest
    @ValueSource(strings = {"repair-shop", "sst2", "trec", "agnews", "emotion"})
    void find_builtIn_hasLabelsWithThreeExemplarsEach(String name) {
        DemoTask task = DemoTask.find(name, null);

        assertThat(task.name()).isEqualTo(name);
        assertThat(task.labels()).hasSizeGreaterThanOrEqualTo(2).doesNotHaveDuplicates();
        assertThat(task.exemplars()).hasSize(3 * task.labels().size());
    }

    @Test
    void find_unknown_listsWhatThereIs() {
        assertThatThrownBy(() -> DemoTask.find("weather", null))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("TOOL-5001")
                .hasMessageContaining("repair-shop, sst2, trec, agnews, emotion");
    }

    @Test
    void find_fileInDataFolder_isTaken(@TempDir Path folder) throws Exception {
        Files.writeString(
                folder.resolve("mine.json"),
                "{\"name\":\"mine\",\"labels\":[{\"name\":\"a\"},{\"name\":\"b\"}]}");

        assertThat(DemoTask.find("mine", folder).labels()).containsExactly("a", "b");
    }

    @Test
    void find_fileIsNoTask_saysSo(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("mine.json"), "[1, 2");

        assertThatThrownBy(() -> DemoTask.find("mine", folder))
                .hasMessageContaining("is not a task file");
    }

    @Test
    void forCoordinator_changedSettings_dataIsLeftOut() {
        JsonObject settings = new JsonObject();
        settings.addProperty("rounds", 7);
        JsonObject body =
                DemoTask.find("trec", null).forCoordinator(settings, Path.of("evaluation.jsonl"));

        assertThat(body.has("data")).isFalse();
        assertThat(body.getAsJsonObject("settings").get("rounds").getAsInt()).isEqualTo(7);
        assertThat(body.get("evaluationFile").getAsString()).endsWith("evaluation.jsonl");
    }

    @Test
    void models_fileThatNamesNone_areMiniLmWithAHead() {
        assertThat(DemoTask.find("trec", null).models())
                .containsExactly(FleetModel.named("minilm-head"));
    }

    @Test
    void forCoordinator_modelsOfTheFleet_takeThePlaceOfTheFilesShortForm(@TempDir Path folder)
            throws Exception {
        Files.writeString(
                folder.resolve("mine.json"),
                """
                {"name": "mine", "labels": [{"name": "a"}, {"name": "b"}],
                 "settings": {"engines": ["onnx", "tflite"], "slmMode": "lora"}}
                """);
        DemoTask task = DemoTask.find("mine", folder);
        JsonObject settings = new JsonObject();
        settings.add("models", new JsonArray());

        JsonObject body = task.forCoordinator(settings, Path.of("evaluation.jsonl"));

        assertThat(task.models())
                .containsExactly(FleetModel.named("minilm-lora"), FleetModel.named("bag"));
        assertThat(body.getAsJsonObject("settings").keySet()).containsExactly("models");
    }

    /** The set was fixed before any method was tried on it; a change of it must be deliberate. */
    @Test
    void repairShopData_hash_isTheFrozenOne() throws Exception {
        byte[] bytes = DemoTask.resource("data/repair-shop.jsonl").getBytes(StandardCharsets.UTF_8);

        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
                .isEqualTo("428526b411ae03cae0efea7002b48374438ab2a7fb0aadb0639c953723910a55");
    }
}
