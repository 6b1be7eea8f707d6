package io.crosslm.coordinator.dashboard;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.not;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.api.RoundScript;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may see the pages, without a browser. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class DashboardTest {
    @ParameterizedTest
    @ValueSource(strings = {"/ui", "/ui/tasks", "/ui/tasks/x/quality", "/ui/events"})
    void page_notSignedIn_leadsToTheSignIn(String path) {
        stranger().get(path).then().statusCode(303).header("Location", endsWith("/ui/sign-in"));
    }

    @Test
    void fragment_notSignedIn_sendsTheWholePageToTheSignIn() {
        stranger()
                .header("HX-Request", "true")
                .get("/ui/fleet")
                .then()
                .statusCode(401)
                .header("HX-Redirect", "/ui/sign-in");
    }

    @Test
    void signIn_wrongToken_saysWhereTheRightOneIs() {
        Response refused = stranger().formParam("token", "wrong").post("/ui/sign-in");

        refused.then()
                .statusCode(401)
                .body(containsString("admin-token"))
                .body(not(containsString("wrong")));
        assertThat(refused.cookies()).isEmpty();
    }

    @Test
    void signIn_token_opensThePagesAndNoScriptSeesTheSession() {
        Response signedIn = stranger().formParam("token", Operator.TOKEN).post("/ui/sign-in");

        assertThat(signedIn.statusCode()).isEqualTo(303);
        assertThat(signedIn.getHeader("Set-Cookie"))
                .containsIgnoringCase("HttpOnly")
                .containsIgnoringCase("SameSite=Strict")
                .contains("Path=/ui")
                .doesNotContain(Operator.TOKEN);
        given().cookies(signedIn.cookies())
                .get("/ui")
                .then()
                .statusCode(200)
                .header("Content-Security-Policy", containsString("default-src 'self'"))
                .body(containsString("Fleet"));
    }

    @Test
    void signIn_link_worksOnce() {
        String path =
                Operator.request()
                        .post("/v1/dashboard-links")
                        .then()
                        .statusCode(200)
                        .extract()
                        .path("path");

        assertThat(stranger().get(path).cookies()).containsKey(DashboardResource.COOKIE);
        stranger().get(path).then().statusCode(401).body(containsString("used or is too old"));
    }

    @Test
    void signOut_session_endsIt() {
        var cookies = stranger().formParam("token", Operator.TOKEN).post("/ui/sign-in").cookies();

        given().cookies(cookies).redirects().follow(false).post("/ui/sign-out");

        stranger().cookies(cookies).get("/ui").then().statusCode(303);
    }

    @Test
    void links_withoutToken_areRefused() {
        given().post("/v1/dashboard-links").then().statusCode(401);
    }

    @Test
    void task_unknown_isNotFound() {
        signedIn().get("/ui/tasks/nowhere").then().statusCode(404);
    }

    @Test
    void task_withoutRounds_saysHowToStartOne() {
        RoundScript.addTask("fresh-task", "");

        signedIn()
                .get("/ui/tasks/fresh-task")
                .then()
                .statusCode(200)
                .body(containsString("crosslm round start fresh-task"));
    }

    private static RequestSpecification stranger() {
        return given().redirects().follow(false);
    }

    static RequestSpecification signedIn() {
        return given().cookies(
                        stranger()
                                .formParam("token", Operator.TOKEN)
                                .post("/ui/sign-in")
                                .cookies());
    }
}
