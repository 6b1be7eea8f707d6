package io.crosslm.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Bytes of version 1, written by hand from crosslm.proto: a change of a field number or type breaks
 * them. A tag is (field number * 8 + wire type); wire types: 0 varint, 1 eight bytes, 2 length.
 */
final class WireVectorsTest {
    private static final String AA32 = "aa".repeat(32);
    private static final String BB32 = "bb".repeat(32);
    private static final String CC32 = "cc".repeat(32);

    @Test
    void announcement_isTheVector() {
        String bytes =
                hex(
                        "0a 04 74726563", // 1 task "trec"
                        "10 02", // 2 round
                        "18 03", // 3 step SCORING
                        "20 03", // 4 epoch
                        "28 11", // 5 sequence 17
                        "30 80d8c1a28c34", // 6 deadline_millis 1790000000000
                        "3a 0c 616262726576696174696f6e", // 7 labels "abbreviation"
                        "3a 06 656e74697479", // 7 labels "entity"
                        "42 08 0a 04 6e6f6e65 10 01", // 8 terms: privacy_mode "none", form TOP
                        "4a 03 010203", // 9 selection_seed
                        "51 ffffffffffffffff", // 10 selection_threshold, fixed64
                        "5a 5a", // 11 slm_package, 90 bytes
                        "0a 20 " + AA32, // .1 sha256
                        "10 8095f52a", // .2 size_bytes 90000000
                        "1a 1f" + ascii("application/vnd.crosslm.slm+zip"), // .3 media_type
                        "22 10" + ascii("/v1/artifacts/aa"), // .4 urls
                        "62 28", // 12 batch_parts, 40 bytes
                        "12 20 " + BB32, // .2 sha256; .1 index 0 is not written
                        "18 c001", // .3 sample_count 192
                        "20 c03e", // .4 size_bytes 8000
                        "72 0c 09 000000000000e03f 10 c801"); // 14 training: pool_weight 0.5,
        // max_epochs 200
        assertThat(hex(Examples.announcement().build().toByteArray())).isEqualTo(bytes);
    }

    @Test
    void enginePackage_isTheVector() {
        EnginePackage onePackage =
                EnginePackage.newBuilder()
                        .setEngine("onnx")
                        .setSlmPackage(
                                ArtifactReference.newBuilder()
                                        .setSha256(Examples.filled(32, 0xaa))
                                        .setSizeBytes(90_000_000))
                        .setModel("bge-head")
                        .build();

        assertThat(hex(onePackage.toByteArray()))
                .isEqualTo(
                        hex(
                                "0a 04 6f6e6e78", // 1 engine "onnx"
                                "12 27", // 2 slm_package, 39 bytes
                                "0a 20 " + AA32, // .1 sha256
                                "10 8095f52a", // .2 size_bytes 90000000
                                "1a 08 6267652d68656164")); // 3 model "bge-head"
    }

    @Test
    void scoreReport_isTheVector() {
        String bytes =
                hex(
                        "0a 6a", // 1 scores
                        "0a 04 74726563", // .1 task
                        "10 02", // .2 round
                        "1a 10 " + "11".repeat(16), // .3 report_id
                        "22 20 " + CC32, // .4 batch_sha256
                        "28 02", // .5 sample_count
                        "30 01", // .6 form TOP
                        "3a 06 1901b2 ffffff", // .7 scores: 25, label 1, 178; not scored
                        "42 20 " + AA32); // .8 slm_package_sha256
        assertThat(hex(Examples.scores().toByteArray())).isEqualTo(bytes);
    }

    @Test
    void trainingReport_isTheVector() {
        String metrics =
                "0a 04 080a 1010" // .1 validation 10 of 16
                        + "12 04 083c 1064" // .2 test 60 of 100
                        + "19 000000000000e83f" // .3 validation_loss 0.75
                        + "21 000000000000e03f"; // .4 test_macro_f1 0.5
        String bytes =
                hex(
                        "12 6d", // 2 training
                        "0a 04 74726563 10 02", // .1 task, .2 round
                        "1a 10 " + "22".repeat(16), // .3 report_id
                        "22 1e" + metrics, // .4 standalone
                        "2a 1e" + metrics, // .5 with_pool
                        "30 01", // .6 kept
                        "38 20", // .7 private_examples 32
                        "40 8701", // .8 pool_samples 135
                        "48 8407", // .9 training_millis 900
                        "50 9003", // .10 scoring_millis 400
                        "58 bc05", // .11 bytes_sent 700
                        "60 a846"); // .12 bytes_received 9000
        assertThat(hex(Examples.training().toByteArray())).isEqualTo(bytes);
    }

    @Test
    void receipt_isTheVector() {
        String bytes =
                hex(
                        "0a 1e", // 1 receipt
                        "0a 04 74726563 10 02", // .1 task, .2 round
                        "18 01", // .3 kind SCORES
                        "22 10 " + "11".repeat(16), // .4 report_id
                        "28 01"); // .5 status ACCEPTED
        assertThat(hex(Examples.receipt().toByteArray())).isEqualTo(bytes);
    }

    @Test
    void birth_isTheVector() {
        String bytes =
                hex(
                        "08 01", // 1 online
                        "12 10 " + "33".repeat(16), // 2 boot_id
                        "18 01", // 3 session_number
                        "22 05 302e312e30", // 4 sdk_version "0.1.0"
                        "2a 04 6f6e6e78", // 5 engines "onnx"
                        "32 04 74726563"); // 6 tasks "trec"
        assertThat(hex(Examples.birth().toByteArray())).isEqualTo(bytes);
    }

    @Test
    void batchAndPoolParts_areTheVectors() {
        BatchPart batch =
                BatchPart.newBuilder()
                        .setTask("t")
                        .setRound(1)
                        .setPart(1)
                        .addSamples(Sample.newBuilder().setIndex(5).setText("hi").setIntended(1))
                        .build();
        PoolPart pool =
                PoolPart.newBuilder()
                        .setTask("t")
                        .setRound(1)
                        .addSamples(
                                PoolSample.newBuilder()
                                        .setText("hi")
                                        .setSoftLabel(SoftLabels.encode(new float[] {0, 1})))
                        .build();
        // 1 task, 2 round, 3 part, 4 samples: .1 index 5, .2 text, .3 intended 1
        assertThat(hex(batch.toByteArray()))
                .isEqualTo(hex("0a 01 74 10 01 18 01 22 08 08 05 12 02 6869 18 01"));
        // 1 task, 2 round, 4 samples: .1 text, .2 soft_label 0 254
        assertThat(hex(pool.toByteArray()))
                .isEqualTo(hex("0a 01 74 10 01 22 08 0a 02 6869 12 02 00fe"));
    }

    @Test
    void coordinatorStateAndError_areTheVectors() {
        CoordinatorState state =
                CoordinatorState.newBuilder().setOnline(true).setEpoch(3).setVersion("1").build();
        ErrorReport error =
                ErrorReport.newBuilder()
                        .setCode("E")
                        .setMessage("m")
                        .setTask("t")
                        .setRound(4)
                        .build();
        assertThat(hex(state.toByteArray())).isEqualTo(hex("08 01 10 03 1a 01 31"));
        assertThat(hex(error.toByteArray())).isEqualTo(hex("0a 01 45 12 01 6d 1a 01 74 20 04"));
    }

    @Test
    void otherCommands_areTheVectors() {
        Command cancel =
                Command.newBuilder()
                        .setCancelRound(
                                CancelRound.newBuilder().setTask("t").setRound(1).setReason("r"))
                        .build();
        Command rebirth = Command.newBuilder().setRebirth(Rebirth.getDefaultInstance()).build();
        Command revoke = Command.newBuilder().setRevoke(Revoke.newBuilder().setReason("r")).build();
        assertThat(hex(cancel.toByteArray())).isEqualTo(hex("12 08 0a 01 74 10 01 1a 01 72"));
        assertThat(hex(rebirth.toByteArray())).isEqualTo(hex("1a 00"));
        assertThat(hex(revoke.toByteArray())).isEqualTo(hex("22 03 0a 01 72"));
    }

    private static String ascii(String text) {
        StringBuilder hex = new StringBuilder();
        text.chars().forEach(c -> hex.append(String.format("%02x", c)));
        return hex.toString();
    }

    private static String hex(String... pieces) {
        return String.join("", Stream.of(pieces).map(p -> p.replace(" ", "")).toList());
    }

    private static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (byte b : bytes) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }
}
