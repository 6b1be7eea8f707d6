package io.crosslm.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.testkit.DocumentationPage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/ref-error-codes.md against the sources of all modules, for no module sees every enum. */
final class ErrorCodePageTest {
    private static final Pattern CONSTANT =
            Pattern.compile("(?m)^ +([A-Z][A-Z0-9_]+)\\(\"([A-Z]+-\\d{4})\"[,)]");

    @Test
    void headings_ofThePage_areTheCodesOfAllModules() {
        assertThat(DocumentationPage.read("ref-error-codes.md").headings(3))
                .containsExactlyInAnyOrderElementsOf(codes());
    }

    @Test
    void codes_ofAllModules_areDifferent() {
        assertThat(codes().stream().map(heading -> heading.substring(0, heading.indexOf(' '))))
                .doesNotHaveDuplicates();
    }

    /** Each code with its name in words, as problem details tell it. */
    private static List<String> codes() {
        List<String> codes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(DocumentationPage.root())) {
            files.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith("Exception.java"))
                    .forEach(file -> addCodes(file, codes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return codes;
    }

    private static void addCodes(Path file, List<String> codes) {
        try {
            Matcher constant = CONSTANT.matcher(Files.readString(file));
            while (constant.find()) {
                String name = constant.group(1).toLowerCase(Locale.ROOT).replace('_', ' ');
                codes.add(constant.group(2) + " " + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
