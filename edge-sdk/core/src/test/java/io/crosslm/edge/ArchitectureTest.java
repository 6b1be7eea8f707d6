package io.crosslm.edge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.edge", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule privateDataKnowsNobody =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.data")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages("io.crosslm.edge.data", "java..", "org.jspecify..")
                    .because("what never leaves the device must not know the way out");

    @ArchTest
    static final ArchRule enginesSeeOnlyData =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.model")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages(
                            "io.crosslm.edge.model",
                            "io.crosslm.edge.data",
                            "java..",
                            "org.jspecify..")
                    .because("an engine must run without link, storage and protocol");

    @ArchTest
    static final ArchRule whatEnginesShareSeesOnlyModels =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.engine")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages(
                            "io.crosslm.edge.engine",
                            "io.crosslm.edge.model",
                            "io.crosslm.edge.privacy",
                            "com.google.gson..",
                            "java..",
                            "org.jspecify..")
                    .because("a training goes the same way whatever runs it and sends nothing");

    @ArchTest
    static final ArchRule privacyIsArithmetic =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.privacy")
                    .should()
                    .dependOnClassesThat()
                    .resideOutsideOfPackages("io.crosslm.edge.privacy", "java..", "org.jspecify..")
                    .because("what bounds the loss must be right alone, and be read by anybody");

    @ArchTest
    static final ArchRule linkSeesOnlyTheProtocol =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.link")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge",
                            "io.crosslm.edge.data..",
                            "io.crosslm.edge.model..",
                            "io.crosslm.edge.engine..",
                            "io.crosslm.edge.store..",
                            "io.crosslm.edge.internal..")
                    .because("what carries bytes must not see private data or decide about rounds");

    @ArchTest
    static final ArchRule storeSeesOnlyTheProtocol =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.store")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge",
                            "io.crosslm.edge.data..",
                            "io.crosslm.edge.model..",
                            "io.crosslm.edge.engine..",
                            "io.crosslm.edge.link..",
                            "io.crosslm.edge.internal..")
                    .because("files that survive a crash are simple enough to be right alone");

    @ArchTest
    static final ArchRule trustSeesOnlyTheProtocol =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.edge.tls")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge",
                            "io.crosslm.edge.data..",
                            "io.crosslm.edge.model..",
                            "io.crosslm.edge.link..",
                            "io.crosslm.edge.store..",
                            "io.crosslm.edge.internal..")
                    .because("whom the device believes must not depend on what is said to it");

    @ArchTest
    static final ArchRule pahoInOnePlace =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.crosslm.edge.link")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.eclipse.paho..")
                    .because("Paho's traps are known in one package");

    @ArchTest
    static final ArchRule nothingOfTheCoordinator =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.coordinator..", "io.crosslm.llm..", "io.crosslm.slm..")
                    .because("device and coordinator meet in the protocol only");
}
