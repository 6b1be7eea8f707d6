package io.crosslm.coordinator.storage;

import io.crosslm.coordinator.round.RoundStore;
import io.crosslm.coordinator.round.RoundStoreContract;
import io.crosslm.coordinator.task.TaskStore;
import java.nio.file.Path;
import java.time.Clock;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;

final class JdbcRoundStoreTest extends RoundStoreContract {
    @TempDir private Path folder;

    private DataSource database;

    @Override
    protected void open() {
        database = TestDatabase.open(folder.resolve("coordinator.db"));
    }

    @Override
    protected TaskStore tasks() {
        return new JdbcTaskStore(database, Clock.systemUTC());
    }

    @Override
    protected RoundStore rounds() {
        return new JdbcRoundStore(database);
    }
}
