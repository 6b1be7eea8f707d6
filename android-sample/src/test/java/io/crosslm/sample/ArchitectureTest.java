package io.crosslm.sample;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
        packages = "io.crosslm.sample",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule notesKnowNobody =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.sample.note")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.sample",
                            "io.crosslm.sample.device..",
                            "io.crosslm.sample.screen..",
                            "io.crosslm.edge.link..",
                            "android..")
                    .because("what never leaves the phone must not know the way out");

    @ArchTest
    static final ArchRule deviceSeesNoScreen =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.sample.device")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.crosslm.sample",
                            "io.crosslm.sample.screen..",
                            "android.app..",
                            "android.view..",
                            "android.widget..")
                    .because("a device works while nobody looks");

    @ArchTest
    static final ArchRule windowsNeedNoScreen =
            noClasses()
                    .that()
                    .resideInAPackage("io.crosslm.sample")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.crosslm.sample.screen..")
                    .because("a job runs without an activity");

    @ArchTest
    static final ArchRule noLibraryInternals =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.crosslm.edge.internal..")
                    .because("an app uses what the library shows");
}
