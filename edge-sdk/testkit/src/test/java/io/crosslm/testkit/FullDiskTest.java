package io.crosslm.testkit;

import static io.crosslm.testkit.EdgeRig.ROUND;
import static io.crosslm.testkit.EdgeRig.TASK;
import static io.crosslm.testkit.EdgeRig.batch;
import static io.crosslm.testkit.EdgeRig.scores;
import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.edge.link.PahoLink;
import io.crosslm.protocol.wire.EncodedPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device whose disk is full says so, goes on when it is not, and loses nothing. */
final class FullDiskTest {
    @TempDir private Path directory;

    @Test
    void device_whoseDiskIsFull_reportsAsSoonAsThereIsRoom() throws Exception {
        HiveMqBroker broker = HiveMqBroker.shared();
        Path log = Files.createFile(directory.resolve("device.log"));
        try (EdgeRig rig = new EdgeRig(directory);
                FakeCoordinator coordinator = new FakeCoordinator(new PahoLink(), broker.uri())) {
            List<EncodedPart> parts = batch(ROUND, 8);
            coordinator.publishBatch(TASK, ROUND, parts);
            coordinator.announce(rig.scoring(ROUND, parts));
            List<String> fullDisk = new java.util.ArrayList<>(SmallDisk.at(rig.storage, "512k"));
            fullDisk.addAll(
                    List.of(
                            "sh",
                            "-c",
                            "cat /dev/zero > \"$1/filler\"; shift; exec \"$@\"",
                            "sh",
                            rig.storage.toString()));
            Process device = DeviceProcess.start(fullDisk, rig, broker.uri(), "never", log);
            try {
                coordinator.await("the problem", () -> said(log).contains("EDGE-3002: "));
                assertThat(said(log)).contains("No space left on device");
                assertThat(coordinator.reports()).isZero();
                assertThat(device.isAlive()).isTrue();

                // The process's own view of its disk: nobody else has the file system.
                Files.delete(
                        Path.of("/proc/" + device.pid() + "/root" + rig.storage).resolve("filler"));
                coordinator.awaitReport(scores(ROUND));
            } finally {
                device.destroyForcibly().waitFor();
                coordinator.clearAnnouncement(TASK);
            }
        }
    }

    private static String said(Path log) {
        try {
            return Files.readString(log);
        } catch (java.io.IOException e) {
            return "";
        }
    }
}
