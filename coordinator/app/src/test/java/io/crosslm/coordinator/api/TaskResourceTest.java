package io.crosslm.coordinator.api;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.task.Tasks;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class TaskResourceTest {
    @Test
    void add_newTask_isCreatedWithAllSettings() {
        add(named("new-task"))
                .statusCode(201)
                .body("name", equalTo("new-task"))
                .body("settings.samplesPerRound", equalTo(32))
                .body("settings.tuning.rank", equalTo(16));
    }

    @Test
    void add_sameTaskAgain_isFound() {
        add(named("twice")).statusCode(201);

        add(named("twice")).statusCode(200).body("name", equalTo("twice"));
    }

    @Test
    void add_otherTaskOfTheName_isAConflict() {
        add(named("changed")).statusCode(201);

        add(named("changed").replace("\"seed\":1", "\"seed\":2"))
                .statusCode(409)
                .contentType("application/problem+json")
                .body("code", equalTo("COORD-4002"));
    }

    @Test
    void add_unknownKey_namesItsPath() {
        add(named("unknown-key").replace("\"topP\"", "\"topK\""))
                .statusCode(400)
                .body("code", equalTo("COORD-4001"))
                .body("detail", startsWith("settings.topK: expected one of"));
    }

    @Test
    void add_missingEvaluationFile_isRefused() {
        String task = named("no-file");

        add(task.substring(0, task.length() - 1) + ",\"evaluationFile\":\"/not/there.jsonl\"}")
                .statusCode(400)
                .body("code", equalTo("COORD-4007"));
    }

    @Test
    void list_always_namesTasksWithLabels() {
        add(named("listed"));

        Operator.request()
                .get("/v1/tasks")
                .then()
                .statusCode(200)
                .body("tasks.name", hasItem("listed"))
                .body("tasks.find { it.name == 'listed' }.labels", contains("sun", "rain"));
    }

    @Test
    void show_unknownTask_isNotFound() {
        Operator.request()
                .get("/v1/tasks/nothing")
                .then()
                .statusCode(404)
                .body("code", equalTo("COORD-4003"));
    }

    private static String named(String name) {
        return Tasks.weather().toJson().replace("\"name\":\"weather\"", "\"name\":\"" + name + '"');
    }

    private static ValidatableResponse add(String body) {
        return Operator.request().contentType(ContentType.JSON).body(body).post("/v1/tasks").then();
    }
}
