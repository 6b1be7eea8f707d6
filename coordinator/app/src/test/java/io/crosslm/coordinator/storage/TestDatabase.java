package io.crosslm.coordinator.storage;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** SQLite files with the tables of the migrations. */
public final class TestDatabase {
    private TestDatabase() {}

    /** Opens a file, new or not, as the service does. */
    public static DataSource open(Path file) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setBusyTimeout(10_000);
        config.enforceForeignKeys(true);
        SQLiteDataSource database = new SQLiteDataSource(config);
        database.setUrl("jdbc:sqlite:" + file);
        Flyway.configure().dataSource(database).load().migrate();
        return database;
    }
}
