package io.crosslm.apk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JavaResourcesTest {
    @TempDir private Path directory;

    private Path jar(String name, Map<String, String> files) throws Exception {
        Map<String, byte[]> content = new java.util.TreeMap<>();
        files.forEach((file, text) -> content.put(file, text.getBytes(StandardCharsets.UTF_8)));
        Path jar = directory.resolve(name);
        SmallApp.zip(jar, content);
        return jar;
    }

    @Test
    void services_ofTwoJars_areJoined() throws Exception {
        JavaResources resources =
                JavaResources.of(
                        List.of(
                                jar("a.jar", Map.of("META-INF/services/s", "A", "x.txt", "1")),
                                jar("b.jar", Map.of("META-INF/services/s", "B", "x.txt", "2"))));
        assertThat(resources.files().get("META-INF/services/s"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("A\nB");
        assertThat(resources.files().get("x.txt")).asString(StandardCharsets.UTF_8).isEqualTo("1");
    }

    @Test
    void files_thatOnlyABuildReads_areLeftOut() throws Exception {
        JavaResources resources =
                JavaResources.of(
                        List.of(
                                jar(
                                        "a.jar",
                                        Map.of(
                                                "META-INF/MANIFEST.MF", "",
                                                "META-INF/ECLIPSE_.RSA", "",
                                                "META-INF/maven/g/a/pom.xml", "",
                                                "META-INF/proguard/a.pro", "",
                                                "a/B.class", "",
                                                "a/libnative.so", "",
                                                "a/messages.properties", "kept"))));
        assertThat(resources.files()).containsOnlyKeys("a/messages.properties");
    }
}
