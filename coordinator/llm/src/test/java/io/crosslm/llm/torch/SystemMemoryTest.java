package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

final class SystemMemoryTest {
    @TempDir private Path root;

    @BeforeEach
    void machine() throws IOException {
        file("proc/meminfo", "MemTotal: 8000 kB\nMemAvailable:    5000 kB\nSwapFree: 1000 kB\n");
    }

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private long available() {
        return new SystemMemory(root).availableBytes().orElseThrow();
    }

    @Test
    void availableBytes_noLimit_isTheMachines() {
        assertThat(available()).isEqualTo(6000 * 1024);
    }

    @Test
    void availableBytes_groupOfVersion2_isBelowTheSmallestLimitAbove() throws IOException {
        file("proc/self/cgroup", "0::/pod/box\n");
        file("sys/fs/cgroup/pod/box/memory.max", "max\n");
        file("sys/fs/cgroup/pod/box/memory.current", "700000\n");
        file("sys/fs/cgroup/pod/memory.max", "2000000\n");
        file("sys/fs/cgroup/pod/memory.current", "900000\n");
        file("sys/fs/cgroup/pod/memory.stat", "active_file 5\ninactive_file 300000\n");

        assertThat(available()).isEqualTo(2_000_000 - 900_000 + 300_000);
    }

    @Test
    void availableBytes_groupOfVersion1_isBelowItsLimit() throws IOException {
        file("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n");
        file("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/x/memory.usage_in_bytes", "100\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1500000\n");
        file("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000\n");

        assertThat(available()).isEqualTo(1_000_000);
    }

    @Test
    void availableBytes_containerWithoutItsGroupsPath_usesTheTop() throws IOException {
        file("proc/self/cgroup", "0::/not/there\n");
        file("sys/fs/cgroup/memory.max", "1200000\n");
        file("sys/fs/cgroup/memory.current", "1300000\n");

        assertThat(available()).isZero();
    }

    @Test
    void availableBytes_otherSystem_isUnknown() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));

        assertThat(new SystemMemory(root).availableBytes()).isEmpty();
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void system_thisMachine_hasSome() {
        assertThat(MemorySource.system().availableBytes().orElseThrow()).isPositive();
    }
}
