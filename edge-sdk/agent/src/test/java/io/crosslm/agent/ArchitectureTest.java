package io.crosslm.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.agent", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule onlyTheDoorOfTheDeviceLibrary =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge.internal..",
                            "io.crosslm.edge.link..",
                            "io.crosslm.edge.store..",
                            "io.crosslm.protocol.wire..",
                            "io.crosslm.protocol.topic..")
                    .because("the agent is an app like any other: what it needs, apps need");

    @ArchTest
    static final ArchRule enginesComeByName =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.edge.onnx..",
                            "ai.onnxruntime..",
                            "io.crosslm.edge.tflite..",
                            "org.bytedeco..")
                    .because(
                            "the config file names the engine, so that another needs no new agent");

    @ArchTest
    static final ArchRule nothingOfTheCoordinator =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.coordinator..",
                            "io.crosslm.llm..",
                            "io.crosslm.slm..",
                            "io.crosslm.tools..",
                            "io.crosslm.cli..")
                    .because("device and coordinator meet in the protocol only");

    @ArchTest
    static final ArchRule csvInOnePlace =
            noClasses()
                    .that()
                    .doNotHaveSimpleName("CsvRows")
                    .and()
                    .doNotHaveSimpleName("LineFeed")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("de.siegmar.fastcsv..")
                    .because("a file format is read in one class");
}
