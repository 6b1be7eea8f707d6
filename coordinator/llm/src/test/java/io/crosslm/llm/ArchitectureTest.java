package io.crosslm.llm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crosslm.llm", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String JDK = "java..";
    private static final String NULLS = "org.jspecify..";

    @ArchTest
    static final ArchRule PORTS =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage("io.crosslm.llm", JDK, NULLS)
                    .because("callers of the ports must not see which engine computes");

    @ArchTest
    static final ArchRule FORMAT =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.format")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.format",
                            "io.crosslm.llm.chat",
                            "io.crosslm.text",
                            "com.google.gson..",
                            JDK,
                            NULLS)
                    .because("model files are read the same for every engine");

    @ArchTest
    static final ArchRule CHAT =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.chat")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.chat",
                            "com.google.gson..",
                            JDK,
                            NULLS)
                    .because("a prompt can be written without a model");

    @ArchTest
    static final ArchRule EXPORT =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.export")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.format",
                            "io.crosslm.llm.chat",
                            "io.crosslm.llm.export",
                            "com.google.gson..",
                            JDK,
                            NULLS)
                    .because("a model can be exported where no engine runs");

    @ArchTest
    static final ArchRule SOURCE =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.source")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.format",
                            "io.crosslm.llm.source",
                            "org.slf4j",
                            JDK,
                            NULLS)
                    .allowEmptyShould(true)
                    .because("a model can be fetched where no engine runs");

    @ArchTest
    static final ArchRule REMOTE =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.remote")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.remote",
                            "com.google.gson..",
                            JDK,
                            NULLS)
                    .because("a model behind a server needs no engine and no HTTP library");

    @ArchTest
    static final ArchRule EVALUATION =
            classes()
                    .that()
                    .resideInAPackage("io.crosslm.llm.evaluation")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.llm",
                            "io.crosslm.llm.evaluation",
                            "com.google.gson..",
                            JDK,
                            NULLS)
                    .allowEmptyShould(true)
                    .because("any language model can be measured");

    @ArchTest
    static final ArchRule ENGINE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("io.crosslm.llm.torch")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("ai.djl..")
                    .because("one package owns native memory and its thread rules");
}
