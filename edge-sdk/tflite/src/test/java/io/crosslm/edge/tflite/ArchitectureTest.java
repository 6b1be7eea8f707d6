package io.crosslm.edge.tflite;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "io.crosslm.edge.tflite",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ENGINE =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.edge.tflite..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge.tflite..",
                            "io.crosslm.edge.model",
                            "io.crosslm.edge.engine",
                            "io.crosslm.text",
                            "org.bytedeco..",
                            "java..",
                            "org.jspecify..")
                    .because("an engine sees models and texts, never the link or the store");

    @ArchTest
    static final ArchRule LIBRARY =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.crosslm.edge.tflite.bytedeco")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.bytedeco..")
                    .because("phones have another library behind the same interface");
}
