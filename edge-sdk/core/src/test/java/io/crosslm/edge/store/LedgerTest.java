package io.crosslm.edge.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.protocol.TaskName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LedgerTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final TaskName TASK = new TaskName("mood");

    @TempDir private Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("ledger.jsonl");
    }

    private static Outgoing scores(String id, int round, int bytes) {
        return new Outgoing(
                id,
                Outgoing.Kind.SCORES,
                TASK,
                new RoundNumber(round),
                ByteString.copyFrom(new byte[bytes]),
                new PrivacyGuarantee(0.1 + round, 1e-6));
    }

    @Test
    void commit_thenOpenAgain_isPendingWithTheSameBytes() throws IOException {
        Outgoing message = scores("aa", 1, 900);
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(message);
        }
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.pending()).containsExactly(message);
            assertThat(ledger.holds(Outgoing.Kind.SCORES, TASK, new RoundNumber(1))).isTrue();
            assertThat(ledger.holds(Outgoing.Kind.TRAINING, TASK, new RoundNumber(1))).isFalse();
            assertThat(ledger.bytesOf(TASK, new RoundNumber(1))).isEqualTo(900);
        }
    }

    @Test
    void message_ofAnEarlierIdentity_isDroppedAndStaysInTheLedger() throws IOException {
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.takeOver(new DeviceId("silo-1"));
            ledger.commit(scores("aa", 1, 9));
            ledger.commit(scores("bb", 2, 9));
            ledger.finish("aa", "accepted");
            assertThat(ledger.takeOver(new DeviceId("silo-1"))).isZero();
        }
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.takeOver(new DeviceId("silo-2"))).isEqualTo(1);
            ledger.commit(scores("cc", 3, 9));
        }
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.takeOver(new DeviceId("silo-2"))).isZero();
            assertThat(ledger.pending()).extracting(Outgoing::id).containsExactly("cc");
            assertThat(ledger.entries())
                    .extracting(LedgerEntry::status, LedgerEntry::isDelivered)
                    .containsExactly(
                            tuple("accepted", true), tuple("dropped", false), tuple(null, false));
            assertThat(ledger.holds(Outgoing.Kind.SCORES, TASK, new RoundNumber(2))).isTrue();
        }
    }

    @Test
    void finish_thenOpenAgain_isInTheLedgerAndNotPending() throws IOException {
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("aa", 1, 9));
            assertThat(ledger.finish("aa", "accepted")).isNotNull();
            assertThat(ledger.finish("aa", "duplicate")).isNull();
        }
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.pending()).isEmpty();
            assertThat(ledger.entries())
                    .containsExactly(
                            new LedgerEntry(
                                    NOW,
                                    Outgoing.Kind.SCORES,
                                    TASK,
                                    new RoundNumber(1),
                                    "aa",
                                    9,
                                    "accepted",
                                    new PrivacyGuarantee(1.1, 1e-6)));
        }
    }

    @Test
    void open_afterATearAtAnyByte_keepsWhatWasWholeAndGoesOn() throws IOException {
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("aa", 1, 30));
        }
        int whole = (int) Files.size(file);
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("bb", 2, 30));
        }
        byte[] bytes = Files.readAllBytes(file);
        for (int length = whole; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));
            try (Ledger ledger = Ledger.open(file, CLOCK)) {
                assertThat(ledger.pending()).extracting(Outgoing::id).containsExactly("aa");
                ledger.commit(scores("cc", 3, 30));
            }
            try (Ledger ledger = Ledger.open(file, CLOCK)) {
                assertThat(ledger.pending()).extracting(Outgoing::id).containsExactly("aa", "cc");
            }
        }
    }

    @Test
    void open_withZerosAtTheEnd_cutsThemOff() throws IOException {
        // What some file systems leave where a write was under way.
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("aa", 1, 30));
        }
        long whole = Files.size(file);
        Files.write(file, new byte[300], StandardOpenOption.APPEND);
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.pending()).hasSize(1);
        }
        assertThat(Files.size(file)).isEqualTo(whole);
    }

    @Test
    void open_withDamageBeforeTheEnd_namesTheLine() throws IOException {
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("aa", 1, 30));
            ledger.commit(scores("bb", 2, 30));
            ledger.commit(scores("cc", 3, 30));
        }
        List<String> lines = Files.readAllLines(file);
        Files.write(file, List.of(lines.get(0), lines.get(1).replace("bb", "bc"), lines.get(2)));
        assertThatThrownBy(() -> Ledger.open(file, CLOCK))
                .isInstanceOf(DamagedFileException.class)
                .hasMessageContaining("ledger.jsonl, line 2: expected a record with its checksum");
    }

    @Test
    void open_ofALargeFile_dropsThePayloadsThatAreDone() throws IOException {
        int payload = 60_000;
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            for (int round = 1; Files.size(file) <= Ledger.COMPACT_BYTES; round++) {
                ledger.commit(scores("id" + round, round, payload));
                ledger.finish("id" + round, "accepted");
            }
            ledger.commit(scores("last", 9_999, payload));
        }
        int entries;
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            entries = ledger.entries().size();
            assertThat(ledger.pending()).extracting(Outgoing::id).containsExactly("last");
            assertThat(ledger.entries().get(0).status()).isEqualTo("accepted");
        }
        assertThat(Files.size(file)).isLessThan(2L * payload);
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            assertThat(ledger.entries()).hasSize(entries);
        }
    }

    @Test
    void line_ofTheFile_isReadableJson() throws IOException {
        try (Ledger ledger = Ledger.open(file, CLOCK)) {
            ledger.commit(scores("aa", 1, 3));
        }
        assertThat(Files.readAllLines(file))
                .singleElement()
                .asString()
                .startsWith(
                        "{\"at\":\"2026-11-01T12:00:00Z\",\"what\":\"scores\",\"task\":\"mood\","
                                + "\"round\":1,\"id\":\"aa\",\"bytes\":3,\"epsilon\":1.1,"
                                + "\"delta\":1.0E-6,\"payload\":\"AAAA\","
                                + "\"crc32\":\"")
                .endsWith("\"}");
    }

    @Test
    void message_shown_hidesItsPayload() {
        assertThat(scores("aa", 1, 5)).hasToString("Outgoing[SCORES of round 1 of mood, 5 bytes]");
    }
}
