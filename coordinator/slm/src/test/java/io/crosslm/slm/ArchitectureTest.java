package io.crosslm.slm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.slm", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String[] GRAPH = {
        "io.crosslm.slm",
        "io.crosslm.slm.graph",
        "ai.onnx..",
        "com.google.protobuf..",
        "java..",
        "org.jspecify.."
    };

    @ArchTest
    static final ArchRule GRAPHS =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.slm.graph")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(GRAPH)
                    .because("a graph is data; what runs it is no concern of its own");

    @ArchTest
    static final ArchRule DIFFERENTIATION =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.slm.autodiff")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.slm.classifier",
                            "io.crosslm.slm.encoder",
                            "io.crosslm.slm.pack",
                            "ai.onnxruntime..",
                            "com.google.gson..")
                    .because("derivatives are rules over graphs, whatever the graph is for");

    @ArchTest
    static final ArchRule TENSORFLOW_LITE =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.slm.tflite")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.slm.tflite",
                            "io.crosslm.slm.autodiff",
                            "io.crosslm.slm.classifier",
                            "com.google.flatbuffers..",
                            "java..",
                            "org.jspecify..")
                    .because("a .tflite file is written with nothing of TensorFlow");

    @ArchTest
    static final ArchRule NO_DEVICE =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("io.crosslm.edge..", "io.crosslm.coordinator..", "ai.djl..")
                    .because("packages are built where neither device nor service nor LLM is");
}
