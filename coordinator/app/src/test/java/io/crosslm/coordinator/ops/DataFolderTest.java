package io.crosslm.coordinator.ops;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.coordinator.CoordinatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir Path temporary;

    @Test
    void open_folderOfAnother_isRefused() {
        try (DataFolder first = DataFolder.open(temporary)) {
            assertThatThrownBy(() -> DataFolder.open(temporary))
                    .isInstanceOf(CoordinatorException.class)
                    .hasMessageContaining("another coordinator works with the data folder");
        }
    }

    @Test
    void open_afterTheOtherClosed_succeeds() {
        DataFolder.open(temporary).close();

        assertThatCode(() -> DataFolder.open(temporary).close()).doesNotThrowAnyException();
    }

    @Test
    void open_whereAFileIs_saysWhatToDo() throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));

        assertThatThrownBy(() -> DataFolder.open(file))
                .isInstanceOf(CoordinatorException.class)
                .hasMessageContaining("COORD-4202")
                .hasMessageContaining("crosslm.data-dir");
    }
}
