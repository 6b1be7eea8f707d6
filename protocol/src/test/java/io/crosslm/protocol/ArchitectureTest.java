package io.crosslm.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule idsAndLimitsNeedOnlyTheJdk =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.protocol")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages("io.crosslm.protocol", "java..", "org.jspecify..")
                    .because("ids and limits are what everything else is built on");

    @ArchTest
    static final ArchRule topicsNeedOnlyIds =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.protocol.topic")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages(
                            "io.crosslm.protocol",
                            "io.crosslm.protocol.topic",
                            "java..",
                            "org.jspecify..")
                    .because("a broker's authoriser reads topics and no messages");

    @ArchTest
    static final ArchRule messagesKnowNoTopics =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.protocol.wire")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.crosslm.protocol.topic")
                    .because("a payload must mean the same wherever it comes from");

    @ArchTest
    static final ArchRule noFilesAndNoNetwork =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("java.net..", "java.nio.file..")
                    .because("the protocol does no input or output");
}
