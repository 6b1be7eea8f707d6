package io.crosslm.apk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PackagerTest {
    private static final ApkCheck CHECK =
            new ApkCheck(new ApkCheck.Expected(26, 36, 1_000_000, 100_000));

    @TempDir private static Path shared;

    /** Packed once; tests that change something make one of their own. */
    private static SmallApp packed;

    @TempDir private Path directory;

    @BeforeAll
    static void pack() throws Exception {
        packed = made(shared);
        packed.pack();
    }

    private static SmallApp made(Path directory) throws Exception {
        SmallApp app = new SmallApp(directory);
        app.link();
        app.compile();
        return app;
    }

    private static List<ZipLayout.Entry> entries() throws Exception {
        return ZipLayout.read(packed.apk());
    }

    @Test
    void pack_ofASmallApp_isSignedAndAsItsManifestSays() throws Exception {
        ApkCheck.Result result = CHECK.check(packed.apk());
        assertThat(result.packageName()).isEqualTo("io.crosslm.small");
        assertThat(result.versionCode()).isEqualTo(7);
        assertThat(result.libraries()).isEqualTo(2);
        assertThat(result.certificateSha256()).hasSize(64);
    }

    @Test
    void pack_storesLibrariesAtPagesAndCopiesServices() throws Exception {
        assertThat(entries())
                .filteredOn(entry -> entry.name().endsWith(".so"))
                .hasSize(2)
                .allSatisfy(
                        entry -> {
                            assertThat(entry.isStored()).isTrue();
                            assertThat(entry.offset() % SmallApp.PAGE).isZero();
                        });
        assertThat(entries())
                .extracting(ZipLayout.Entry::name)
                .contains("META-INF/services/lib.Service", "classes.dex", "resources.arsc")
                .contains("lib/" + SmallApp.ABI + "/libsmall.so")
                .contains("lib/" + SmallApp.ABI + "/libjar.so")
                .doesNotContain("lib/Answer.class", "lib/mips/libjar.so");
    }

    @Test
    void pack_twice_givesTheSameBytes() throws Exception {
        byte[] first = Files.readAllBytes(packed.apk());
        Files.delete(packed.apk());
        packed.pack();
        assertThat(Files.readAllBytes(packed.apk())).isEqualTo(first);
    }

    @Test
    void pack_withAMissingClass_isAnErrorThatNamesIt() throws Exception {
        SmallApp app = made(directory);
        SmallApp.zip(app.path("library.jar"), java.util.Map.of("other.txt", new byte[1]));
        assertThatThrownBy(app::pack)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("lib.Answer");
    }

    @Test
    void pack_withALibraryOfSmallPages_isRefused() throws Exception {
        SmallApp app = made(directory);
        app.aar(4096);
        assertThatThrownBy(app::pack)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("libsmall.so at multiples of 16 KiB")
                .hasMessageContaining("4096");
    }

    @Test
    void pack_ofMoreBytecodeThanAllowed_isRefused() throws Exception {
        SmallApp app = made(directory);
        assertThatThrownBy(() -> app.pack("--largest-dex", "100"))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected at most 100 bytes of bytecode");
    }

    @Test
    void check_ofAChangedApk_isRefused() throws Exception {
        byte[] apk = Files.readAllBytes(packed.apk());
        long at =
                entries().stream()
                        .filter(entry -> entry.name().endsWith(".so"))
                        .findFirst()
                        .orElseThrow()
                        .offset();
        apk[(int) at + 100] ^= 1;
        Path changed = Files.write(directory.resolve("changed.apk"), apk);
        assertThatThrownBy(() -> CHECK.check(changed))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected signatures of schemes v2 and v3");
    }

    @Test
    void check_ofAnotherMinSdk_isRefused() {
        ApkCheck other = new ApkCheck(new ApkCheck.Expected(28, 36, 1_000_000, 100_000));
        assertThatThrownBy(() -> other.check(packed.apk()))
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("expected minSdkVersion 28");
    }

    @Test
    void link_ofABrokenResource_namesTheFile() {
        SmallApp app = new SmallApp(directory);
        app.write("res/values/strings.xml", "<resources><string>nameless</string></resources>");
        assertThatThrownBy(app::link)
                .isInstanceOf(PackagerException.class)
                .hasMessageContaining("strings.xml");
    }

    @Test
    void signature_withAWrongPassword_saysWhatToLookAt() throws Exception {
        Path keystore = packed.keystore();
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
