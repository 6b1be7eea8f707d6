package io.crosslm.coordinator.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.protocol.Sha256;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class ArtifactRouteTest {
    private static final byte[] BYTES = bytes();

    @Inject ArtifactStore store;
    private Sha256 name;
    private String path;

    private static byte[] bytes() {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    @BeforeEach
    void keepArtifact() {
        name = store.put(BYTES);
        path = "/v1/artifacts/" + name.hex();
    }

    @Test
    void get_wholeArtifact_isTheBytesWithStrongTag() {
        byte[] body =
                Operator.request()
                        .get(path)
                        .then()
                        .statusCode(200)
                        .header("ETag", '"' + name.hex() + '"')
                        .header("Cache-Control", "private, max-age=31536000, immutable")
                        .extract()
                        .asByteArray();

        assertThat(body).isEqualTo(BYTES);
    }

    @Test
    void get_withDeviceToken_isAllowed() {
        Operator.Member member = Operator.member("reader", "trec");

        given().header("Authorization", "Bearer " + member.token())
                .get(path)
                .then()
                .statusCode(200);
    }

    @Test
    void get_withoutToken_isRefused() {
        given().get(path).then().statusCode(401).body("code", equalTo("COORD-4101"));
    }

    @Test
    void get_rangeToTheEnd_isPartial() {
        byte[] body =
                Operator.request()
                        .header("Range", "bytes=60000-")
                        .get(path)
                        .then()
                        .statusCode(206)
                        .header("Content-Range", "bytes 60000-99999/100000")
                        .extract()
                        .asByteArray();

        assertThat(body).isEqualTo(Arrays.copyOfRange(BYTES, 60_000, 100_000));
    }

    @Test
    void get_lastBytes_isPartial() {
        Operator.request()
                .header("Range", "bytes=-10")
                .get(path)
                .then()
                .statusCode(206)
                .header("Content-Range", "bytes 99990-99999/100000");
    }

    @Test
    void get_rangeBehindTheEnd_isUnsatisfiable() {
        Operator.request()
                .header("Range", "bytes=100000-")
                .get(path)
                .then()
                .statusCode(416)
                .header("Content-Range", "bytes */100000");
    }

    @Test
    void get_rangeOfAnotherVersion_isTheWholeArtifact() {
        Operator.request()
                .header("Range", "bytes=5-")
                .header("If-Range", "\"another\"")
                .get(path)
                .then()
                .statusCode(200)
                .header("Content-Length", "100000");
    }

    @Test
    void get_rangeOfThisVersion_isPartial() {
        Operator.request()
                .header("Range", "bytes=5-9")
                .header("If-Range", '"' + name.hex() + '"')
                .get(path)
                .then()
                .statusCode(206)
                .header("Content-Length", "5");
    }

    @Test
    void get_withTagOfThisVersion_isNotModified() {
        Operator.request()
                .header("If-None-Match", '"' + name.hex() + '"')
                .get(path)
                .then()
                .statusCode(304);
    }

    @Test
    void head_artifact_tellsTheLength() {
        Operator.request().head(path).then().statusCode(200).header("Content-Length", "100000");
    }

    @Test
    void get_unknownArtifact_isNotFound() {
        Operator.request()
                .get("/v1/artifacts/" + "0".repeat(64))
                .then()
                .statusCode(404)
                .body("code", equalTo("COORD-4105"));
    }

    @Test
    void get_badName_isRefused() {
        Operator.request().get("/v1/artifacts/..%2fadmin-token").then().statusCode(400);
    }
}
