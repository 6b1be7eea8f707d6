package io.crosslm.coordinator;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "io.crosslm.coordinator",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String ROOT = "io.crosslm.coordinator";
    private static final String DEVICE = ROOT + ".device";
    private static final String TASK = ROOT + ".task";
    private static final String SAMPLE = ROOT + ".sample";
    private static final String FEEDBACK = ROOT + ".feedback";
    private static final String PREFERENCE = ROOT + ".preference";
    private static final String ROUND = ROOT + ".round";
    private static final String PROTOCOL = "io.crosslm.protocol..";
    private static final String PROTOBUF = "com.google.protobuf..";
    private static final String LANGUAGE_MODEL = "io.crosslm.llm";
    private static final String MODEL_FORMAT = "io.crosslm.llm.format";
    private static final String MODEL_EVALUATION = "io.crosslm.llm.evaluation";
    private static final String JSON = "com.google.gson..";
    private static final String JDK = "java..";
    private static final String JDBC = "javax.sql..";
    private static final String NULLS = "org.jspecify..";

    @ArchTest
    static final ArchRule DEVICES =
            classes()
                    .that()
                    .resideInAPackage(DEVICE)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(DEVICE, ROOT, PROTOCOL, JDBC, JDK, NULLS)
                    .because("who may take part does not depend on what rounds do");

    @ArchTest
    static final ArchRule TASKS =
            classes()
                    .that()
                    .resideInAPackage(TASK)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(TASK, ROOT, PROTOCOL, JSON, LANGUAGE_MODEL, JDK, NULLS)
                    .because("a task is what its file says, wherever it is run");

    @ArchTest
    static final ArchRule LEARNING =
            classes()
                    .that()
                    .resideInAnyPackage(SAMPLE, FEEDBACK, PREFERENCE)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            SAMPLE,
                            FEEDBACK,
                            PREFERENCE,
                            TASK,
                            DEVICE,
                            ROOT,
                            PROTOCOL,
                            PROTOBUF,
                            LANGUAGE_MODEL,
                            MODEL_EVALUATION,
                            JDK,
                            NULLS)
                    .because("the method is arithmetic: it is tested without service or database");

    @ArchTest
    static final ArchRule ROUNDS =
            classes()
                    .that()
                    .resideInAPackage(ROUND)
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            ROUND,
                            SAMPLE,
                            FEEDBACK,
                            PREFERENCE,
                            TASK,
                            DEVICE,
                            ROOT,
                            PROTOCOL,
                            PROTOBUF,
                            LANGUAGE_MODEL,
                            MODEL_FORMAT,
                            MODEL_EVALUATION,
                            JSON,
                            JDK,
                            NULLS)
                    .because(
                            "rounds reach storage, devices and models by ports of their own; only"
                                    + " how an adapter is written down and what it unlearnt are"
                                    + " the language model's packages'");

    @ArchTest
    static final ArchRule BROKER =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + ".mqtt")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.hivemq..")
                    .because("any MQTT 5 broker must be able to take the embedded one's place");

    @ArchTest
    static final ArchRule BROKER_SERVER =
            noClasses()
                    .that()
                    .haveNameNotMatching(".*\\.mqtt\\.(EmbeddedBroker|BrokerGate)(\\$.*)?")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("com.hivemq..")
                                    .and(not(resideInAPackage("com.hivemq.client.."))))
                    .because("a build without the embedded broker leaves those two classes out");

    @ArchTest
    static final ArchRule BROKER_CHOICE =
            noClasses()
                    .that()
                    .haveNameNotMatching(
                            ".*\\.mqtt\\.(EmbeddedBroker|BrokerGate|HiveMqInProcess)(\\$.*|_.*)?")
                    .should()
                    .dependOnClassesThat()
                    .haveNameMatching(".*\\.mqtt\\.(EmbeddedBroker|BrokerGate)")
                    .because("the embedded broker is chosen in one place, which can be left out");

    @ArchTest
    static final ArchRule CERTIFICATES =
            noClasses()
                    .that()
                    .resideOutsideOfPackage(ROOT + ".tls")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.bouncycastle..")
                    .because("keys and certificates are made and read in one place");

    @ArchTest
    static final ArchRule TENSORS =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("ai.djl..", "ai.onnxruntime..")
                    .because("models run behind the ports of crosslm-llm and crosslm-slm");

    @ArchTest
    static final ArchRule NO_EDGE =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.crosslm.edge..")
                    .because("coordinator and devices share the protocol and nothing else");
}
