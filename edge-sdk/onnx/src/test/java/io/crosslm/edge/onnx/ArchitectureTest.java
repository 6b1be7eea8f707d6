package io.crosslm.edge.onnx;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "io.crosslm.edge.onnx",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ENGINE =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.edge.onnx..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge.onnx",
                            "io.crosslm.edge.model",
                            "io.crosslm.edge.engine",
                            "io.crosslm.text",
                            "ai.onnxruntime..",
                            "com.google.gson..",
                            "java..",
                            "org.jspecify..")
                    .because("an engine sees models and texts, never the link or the store");
}
