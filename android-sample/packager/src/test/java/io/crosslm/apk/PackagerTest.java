package io.crosslm.apk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

final class PackagerTest {
    private static final ApkCheck CHECK =
            new ApkCheck(new ApkCheck.Expected(26, 36, 1_000_000, 100_000));

    @TempDir private Path directory;
    private SmallApp app;

    @BeforeEach
    void make() throws Exception {
        app = new SmallApp(directory);
        app.link();
        app.compile();
    }

    private List<ZipLayout.Entry> entries() throws Exception {
        return ZipLayout.read(app.apk());
    }

    @Test
    void pack_ofASmallApp_isSignedAndAsItsManifestSays() throws Exception {
        app.pack();
        ApkCheck.Result result = CHECK.check(app.apk());
        assertThat(result.packageName()).isEqualTo("io.crosslm.small");
        assertThat(result.versionCode()).isEqualTo(7);
        assertThat(result.libraries()).isEqualTo(1);
        assertThat(result.certificateSha256()).hasSize(64);
    }

    @Test
    void pack_storesLibrariesAtPagesAndCopiesServices() throws Exception {
        app.pack();
        assertThat(entries())
                .filteredOn(entry -> entry.name().endsWith(".so"))
                .singleElement()
                .satisfies(
                        entry -> {
                            assertThat(entry.isStored()).isTrue();
                            assertThat(entry.offset() % SmallApp.PAGE).isZero();
                        });
        assertThat(entries())
                .extracting(ZipLayout.Entry::name)
                .contains("META-INF/services/lib.Service", "classes.dex", "resources.arsc")
                .doesNotContain("lib/Answer.class");
    }

    @Test
    void pack_twice_givesTheSameBytes() throws Exception {
        app.pack();
        byte[] first = Files.readAllBytes(app.apk());
        Files.delete(app.apk());
        app.pack();
        assertThat(Files.readAllBytes(app.apk())).isEqualTo(first);
    }

    @Test
    void pack_withAMissingClass_isAnErrorThatNamesIt() throws Exception {
        SmallApp.zip(app.path("library.jar"), java.util.Map.of("other.txt", new byte[1]));
        assertThatThrownBy(app::pack)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("lib.Answer");
    }

    @Test
    void pack_withALibraryOfSmallPages_isRefused() throws Exception {
        app.aar(4096);
        assertThatThrownBy(app::pack)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("libsmall.so at multiples of 16 KiB")
                .hasMessageContaining("4096");
    }

    @Test
    void pack_ofMoreBytecodeThanAllowed_isRefused() {
        assertThatThrownBy(() -> app.pack("--largest-dex", "100"))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected at most 100 bytes of bytecode");
    }

    @Test
    void check_ofAChangedApk_isRefused() throws Exception {
        app.pack();
        byte[] apk = Files.readAllBytes(app.apk());
        long at =
                entries().stream()
                        .filter(entry -> entry.name().endsWith(".so"))
                        .findFirst()
                        .orElseThrow()
                        .offset();
        apk[(int) at + 100] ^= 1;
        Files.write(app.apk(), apk);
        assertThatThrownBy(() -> CHECK.check(app.apk()))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected signatures of schemes v2 and v3");
    }

    @Test
    void check_ofAnotherMinSdk_isRefused() throws Exception {
        app.pack();
        ApkCheck other = new ApkCheck(new ApkCheck.Expected(28, 36, 1_000_000, 100_000));
        assertThatThrownBy(() -> other.check(app.apk()))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected minSdkVersion 28");
    }

    @Test
    void link_ofABrokenResource_namesTheFile() {
        app.write("res/values/strings.xml", "<resources><string>nameless</string></resources>");
        assertThatThrownBy(app::link)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("strings.xml");
    }

    @Test
    void signature_withAWrongPassword_saysWhatToLookAt() throws Exception {
        Path keystore = app.keystore();
        assertThatThrownBy(() -> ApkSignature.of(keystore, "debug", "wrong", 26))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("is its password right?")
                .hasMessageNotContaining("wrong");
    }

    @Test
    void main_withAnUnknownCommand_namesTheCommands() {
        assertThatThrownBy(() -> Packager.main(new String[] {"build"}))
                .hasMessageContaining("link, pack or classes");
        assertThatThrownBy(() -> Packager.main(new String[] {"link", "--work"}))
                .hasMessageContaining("expected --name value");
    }
}
