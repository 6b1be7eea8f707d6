package io.crosslm.coordinator.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.crosslm.coordinator.device.DeviceRegistry;
import io.crosslm.coordinator.device.OnlineDevices;
import io.crosslm.coordinator.device.OnlineDevices.Presence;
import io.crosslm.coordinator.round.DeviceModels;
import io.crosslm.coordinator.round.InMemoryRoundStore;
import io.crosslm.coordinator.storage.TestDatabase;
import io.crosslm.coordinator.task.InMemoryTaskStore;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.TaskName;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FleetTableTest {
    private static final Instant AT = Instant.ofEpochMilli(1_700_000_000_000L);

    @Test
    void page_moreDevicesThanItTakes_showsThoseOnlineAndTellsHowManyThereAre(@TempDir Path folder) {
        DeviceRegistry registry =
                DeviceRegistry.open(
                        TestDatabase.open(folder.resolve("coordinator.db")),
                        Clock.systemUTC(),
                        new SecureRandom());
        OnlineDevices online = new OnlineDevices((device, isOnline) -> {});
        DeviceId last = null;
        for (int i = 0; i <= FleetTable.MOST_DEVICES; i++) {
            last = enrol(registry, "box " + i);
        }
        online.arrived(last, new Presence(AT, "1", List.of("onnx")));

        FleetTable.Page page =
                new FleetTable(
                                registry,
                                online,
                                new DeviceModels(new InMemoryTaskStore(), new InMemoryRoundStore()))
                        .page();

        assertThat(page.rows()).hasSize(FleetTable.MOST_DEVICES);
        assertThat(page.rows().get(0).id()).isEqualTo(last.value());
        assertThat(page.online()).isOne();
        assertThat(page.total()).isEqualTo(FleetTable.MOST_DEVICES + 1);
    }

    private static DeviceId enrol(DeviceRegistry registry, String name) {
        return registry.enrol(
                        registry.invite(
                                Optional.of(name),
                                List.of(new TaskName("weather")),
                                Duration.ofMinutes(1)),
                        Optional.empty())
                .device()
                .id();
    }
}
