package io.crosslm.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule speaksToTheCoordinatorOverRestOnly =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.cli..")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages(
                            "io.crosslm.cli..",
                            "java..",
                            "javax.net.ssl..",
                            "org.jspecify..",
                            "com.google.gson..",
                            "picocli..")
                    .because("what an operator can do here, a script can do over REST as well");

    @ArchTest
    static final ArchRule bindsNoJsonByReflection =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.cli..")
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName("com.google.gson.Gson")
                    .because("it becomes a native binary, where reflection needs configuration");

    @ArchTest
    static final ArchRule readsTheEnvironmentAtTheDoorOnly =
            noClasses()
                    .that()
                    .doNotHaveSimpleName("CliCommand")
                    .should()
                    .callMethod(System.class, "getenv")
                    .because("a test must be able to give commands their environment");

    @ArchTest
    static final ArchRule keepsNoMutableStatics =
            noFields()
                    .that()
                    .areStatic()
                    .should()
                    .notBeFinal()
                    .because("a command runs more than once in one process, in tests and scripts");
}
