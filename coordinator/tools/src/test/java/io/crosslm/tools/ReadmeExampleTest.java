package io.crosslm.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.testkit.DocumentationPage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The device library's example in README.md is code that compiles. */
final class ReadmeExampleTest {
    private static final String HEADING = "## The device library in ten lines";
    private static final String FENCE = "```";

    @TempDir private Path classes;

    @Test
    void example_ofTheReadme_compiles() throws IOException {
        assertThat(errors(example())).isEmpty();
    }

    @Test
    void example_withAMethodThatThereIsNot_doesNotCompile() throws IOException {
        String broken = example().replace(".storage(", ".store(");

        assertThat(errors(broken)).singleElement().asString().contains("store(java.nio.file.Path)");
    }

    @Test
    void example_ofTheReadme_hasTenLinesAtMost() throws IOException {
        assertThat(example().lines()).hasSizeBetween(5, 10);
    }

    private static String example() throws IOException {
        List<String> lines = Files.readAllLines(DocumentationPage.root().resolve("README.md"));
        int heading = lines.indexOf(HEADING);
        assertThat(heading).as("the line '%s' in README.md", HEADING).isNotNegative();
        List<String> after = lines.subList(heading, lines.size());
        int start = after.indexOf(FENCE + "java");
        assertThat(start).as("Java below '%s'", HEADING).isPositive();
        List<String> code = after.subList(start + 1, after.size());
        return String.join("\n", code.subList(0, code.indexOf(FENCE)));
    }

    /** What the compiler says of the statements, given what the README says that there is. */
    private List<String> errors(String statements) throws IOException {
        String source =
                """
                import io.crosslm.edge.DeviceIdentity;
                import io.crosslm.edge.EdgeClient;
                import io.crosslm.edge.EdgeListener;
                import io.crosslm.edge.data.ExampleSource;
                import io.crosslm.edge.onnx.OnnxEngine;
                import java.net.URI;
                import java.nio.file.Path;

                class Readme {
                    void run(
                            URI coordinatorUri,
                            DeviceIdentity identity,
                            ExampleSource examples,
                            Path directory,
                            EdgeListener listener,
                            String text) {
                %s
                    }
                }
                """
                        .formatted(statements);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> heard = new DiagnosticCollector<>();
        List<String> options =
                List.of(
                        "-proc:none",
                        "-d",
                        classes.toString(),
                        "-cp",
                        System.getProperty("java.class.path"));
        compiler.getTask(null, null, heard, options, null, List.of(new Source(source))).call();
        return heard.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT))
                .toList();
    }

    /** A source file in memory. */
    private static final class Source extends SimpleJavaFileObject {
        private final String code;

        Source(String code) {
            super(URI.create("string:///Readme.java"), Kind.SOURCE);
            this.code = code;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
