package io.crosslm.text;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.text", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule TOKENIZERS =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.text..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.text", "com.google.gson..", "java..", "org.jspecify..")
                    .because("phones and the coordinator share tokenizers, and nothing else");
}
