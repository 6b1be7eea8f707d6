package io.crosslm.tools.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a coordinator that has ended left in its database. It is read from a copy, so that the
 * recovery of the original is left to the next start.
 */
final class DatabaseCopy implements AutoCloseable {
    private final Connection connection;

    private DatabaseCopy(Connection connection) {
        this.connection = connection;
    }

    static DatabaseCopy of(Path coordinatorFolder) throws Exception {
        Path copy = Files.createTempDirectory(coordinatorFolder.getParent(), "database");
        copy(coordinatorFolder, copy, "coordinator.db");
        copy(coordinatorFolder, copy, "coordinator.db-wal");
        return new DatabaseCopy(
                DriverManager.getConnection("jdbc:sqlite:" + copy.resolve("coordinator.db")));
    }

    private static void copy(Path from, Path to, String name) throws IOException {
        if (Files.exists(from.resolve(name))) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    /** The steps that a round came to, in order. */
    List<String> steps(int round) throws SQLException {
        return rows("select step from round_transition where round = ? order by ordinal", round);
    }

    /** "DEVICE KIND" of every report of a round. */
    List<String> reports(int round) throws SQLException {
        return rows(
                "select device || ' ' || replace(kind, 'REPORT_KIND_', '') from report"
                        + " where round = ? order by kind, device",
                round);
    }

    /** How many reports of a round came too late. */
    long lateReports(int round) throws SQLException {
        return Long.parseLong(
                rows("select count(*) from report where round = ? and late <> 0", round).get(0));
    }

    List<String> documents(int round) throws SQLException {
        return rows("select kind from round_document where round = ? order by kind", round);
    }

    /** Positions of a round's samples. */
    List<String> samples(int round) throws SQLException {
        return rows("select position from sample where round = ? order by position", round);
    }

    /** Texts of a round that are in the pool. */
    List<String> pool(int round) throws SQLException {
        return rows("select text from pool_sample where round = ?", round);
    }

    private List<String> rows(String sql, int round) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, round);
            List<String> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.add(result.getString(1));
                }
            }
            return rows;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
