package io.crosslm.apk;

import com.android.apksig.ApkVerifier;
import com.android.apksig.apk.ApkFormatException;
import com.android.apksig.apk.ApkUtils;
import com.android.apksig.util.DataSources;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Looks at a finished APK as a device would: signature, manifest, alignment of what is mapped from
 * it, and sizes. Immutable.
 */
final class ApkCheck {
    private static final int STORED_FILE_ALIGNMENT = 4;
    private static final int ELF_HEADER_BYTES = 4 * 1024;
    private static final Set<String> ABIS_OF_64_BITS = Set.of("arm64-v8a", "x86_64");

    private final Expected expected;

    ApkCheck(Expected expected) {
        this.expected = expected;
    }

    /** What must be so. */
    record Expected(int minSdk, int targetSdk, long largestApkBytes, long largestDexBytes) {}

    /**
     * What was found.
     *
     * @param certificateSha256 of the signer's certificate, hexadecimal
     */
    record Result(
            String packageName,
            long versionCode,
            String certificateSha256,
            long apkBytes,
            long dexBytes,
            int libraries) {}

    /**
     * Checks an APK.
     *
     * @throws PackagerException if anything is not as it must be
     */
    Result check(Path apk) throws IOException {
        String certificate = checkSignature(apk);
        List<ZipLayout.Entry> entries = ZipLayout.read(apk);
        checkAlignment(apk, entries);
        long dexBytes = 0;
        int libraries = 0;
        for (ZipLayout.Entry entry : entries) {
            dexBytes += entry.name().endsWith(".dex") ? entry.unpackedBytes() : 0;
            libraries += entry.name().startsWith("lib/") ? 1 : 0;
        }
        long apkBytes = Files.size(apk);
        atMost(apk, "bytes", expected.largestApkBytes, apkBytes);
        atMost(apk, "bytes of bytecode", expected.largestDexBytes, dexBytes);
        try {
            ByteBuffer manifest = manifest(apk);
            equal(
                    apk,
                    "minSdkVersion",
                    expected.minSdk,
                    ApkUtils.getMinSdkVersionFromBinaryAndroidManifest(manifest.duplicate()));
            equal(
                    apk,
                    "targetSdkVersion",
                    expected.targetSdk,
                    ApkUtils.getTargetSdkVersionFromBinaryAndroidManifest(manifest.duplicate()));
            if (ApkUtils.getDebuggableFromBinaryAndroidManifest(manifest.duplicate())) {
                throw new PackagerException(apk + " is debuggable, which an app must not be");
            }
            return new Result(
                    ApkUtils.getPackageNameFromBinaryAndroidManifest(manifest.duplicate()),
                    ApkUtils.getLongVersionCodeFromBinaryAndroidManifest(manifest.duplicate()),
                    certificate,
                    apkBytes,
                    dexBytes,
                    libraries);
        } catch (ApkFormatException e) {
            throw new PackagerException("the manifest of " + apk + " cannot be read", e);
        }
    }

    private String checkSignature(Path apk) throws IOException {
        try {
            // For the versions of Android that its manifest names: newer ones skip scheme v2.
            ApkVerifier.Result result = new ApkVerifier.Builder(apk.toFile()).build().verify();
            if (!result.isVerified()
                    || !result.isVerifiedUsingV2Scheme()
                    || !result.isVerifiedUsingV3Scheme()) {
                throw new PackagerException(
                        "expected signatures of schemes v2 and v3 on "
                                + apk
                                + ", but: "
                                + result.getErrors());
            }
            byte[] certificate = result.getSignerCertificates().get(0).getEncoded();
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        } catch (ApkFormatException | GeneralSecurityException e) {
            throw new PackagerException("the signature of " + apk + " cannot be read", e);
        }
    }

    private static void checkAlignment(Path apk, List<ZipLayout.Entry> entries) throws IOException {
        try (FileChannel channel = FileChannel.open(apk, StandardOpenOption.READ)) {
            for (ZipLayout.Entry entry : entries) {
                boolean library = entry.name().endsWith(".so");
                if (library || entry.name().equals("resources.arsc")) {
                    aligned(entry, library ? ApkSignature.PAGE_BYTES : STORED_FILE_ALIGNMENT);
                }
                if (library && ABIS_OF_64_BITS.contains(entry.name().split("/", -1)[1])) {
                    long segments =
                            ElfAlignment.of(
                                    ZipLayout.read(
                                            channel,
                                            entry.offset(),
                                            (int) Math.min(entry.bytes(), ELF_HEADER_BYTES)));
                    if (segments < ApkSignature.PAGE_BYTES) {
                        throw new PackagerException(
                                "expected segments of "
                                        + entry.name()
                                        + " at multiples of 16 KiB, but they are at multiples of "
                                        + segments
                                        + "; take a newer build of the library");
                    }
                }
            }
        }
    }

    private static void aligned(ZipLayout.Entry entry, int alignment) {
        if (!entry.isStored() || entry.offset() % alignment != 0) {
            throw new PackagerException(
                    "expected "
                            + entry.name()
                            + " stored at a multiple of "
                            + alignment
                            + " bytes, but it is at "
                            + entry.offset()
                            + (entry.isStored() ? "" : ", compressed"));
        }
    }

    private static ByteBuffer manifest(Path apk) throws IOException, ApkFormatException {
        try (RandomAccessFile file = new RandomAccessFile(apk.toFile(), "r")) {
            return ApkUtils.getAndroidManifest(DataSources.asDataSource(file));
        }
    }

    private static void atMost(Path apk, String what, long limit, long found) {
        if (found > limit) {
            throw new PackagerException(
                    "expected at most "
                            + limit
                            + " "
                            + what
                            + " in "
                            + apk
                            + ", there are "
                            + found);
        }
    }

    private static void equal(Path apk, String what, int wanted, int found) {
        if (wanted != found) {
            throw new PackagerException(
                    "expected " + what + " " + wanted + " in " + apk + ", but it is " + found);
        }
    }
}
