package io.crosslm.coordinator;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import java.net.URI;
import java.util.List;
import java.util.Map;

/** What tests do as the administrator of the service under test. */
public final class Operator {
    /** Token that {@link FreshDataFolder} configures. */
    public static final String TOKEN = "token-of-the-test-administrator";

    private Operator() {}

    /** A request with the administrator's token. */
    public static RequestSpecification request() {
        return given().header("Authorization", "Bearer " + TOKEN);
    }

    public static String invite(String name, String... tasks) {
        return request()
                .contentType(ContentType.JSON)
                .body(Map.of("name", name, "tasks", List.of(tasks)))
                .post("/v1/enrolment-codes")
                .then()
                .statusCode(201)
                .extract()
                .path("code");
    }

    /** Enrols with a code and gives the answer. */
    public static ValidatableResponse enrol(String code) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("code", code))
                .post("/v1/enrolments")
                .then();
    }

    /** Invites and enrols a device. */
    public static Member member(String name, String... tasks) {
        var answer = enrol(invite(name, tasks)).statusCode(201).extract().jsonPath();
        return new Member(
                answer.getString("deviceId"),
                answer.getString("token"),
                URI.create(answer.getString("brokerUri")),
                answer.getString("ca"));
    }

    /**
     * A device's credential.
     *
     * @param authority whom to trust, in PEM form; null without TLS
     */
    public record Member(String id, String token, URI broker, String authority) {}
}
