package io.crosslm.tools;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.tools", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule OVER_REST =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.crosslm.coordinator..", "io.quarkus..")
                    .because("tools start the coordinator as a process and talk to it over REST");

    @ArchTest
    static final ArchRule ONE_JOIN =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.crosslm.tools.demo")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.crosslm.agent..")
                    .because("only the demo plays devices and coordinator at once");
}
