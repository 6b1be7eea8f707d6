package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Protobuf reads the fields of its messages by name: a native image must keep all of them. */
final class NativeMetadataTest {
    private static final Pattern MESSAGE = Pattern.compile("(?m)^message (\\w+) ");
    private static final Path METADATA =
            Path.of(
                    "src/main/resources/META-INF/native-image/io.crosslm/crosslm-protocol",
                    "reachability-metadata.json");

    @Test
    void metadata_ofTheNativeImage_nameEveryMessage() throws IOException {
        String proto = Files.readString(Path.of("src/main/protobuf/crosslm.proto"));
        List<String> messages =
                MESSAGE.matcher(proto)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .toList();
        String metadata = Files.readString(METADATA);
        assertThat(messages)
                .hasSizeGreaterThan(20)
                .allSatisfy(
                        message ->
                                assertThat(metadata)
                                        .contains("\"io.crosslm.protocol.wire." + message + "\""));
    }
}
