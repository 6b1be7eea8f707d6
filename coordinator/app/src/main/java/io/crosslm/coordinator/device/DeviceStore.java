package io.crosslm.coordinator.device;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.protocol.DeviceId;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.TaskName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** Devices and enrolment codes in the database. Thread-safe: each call uses its own connection. */
final class DeviceStore {
    private final DataSource database;

    DeviceStore(DataSource database) {
        this.database = database;
    }

    /** A device with the hash of its token. */
    record Row(Device device, Sha256 tokenHash) {}

    void addCode(Sha256 codeHash, Invitation invitation) {
        run(
                connection -> {
                    try (PreparedStatement insert =
                            connection.prepareStatement(
                                    "insert into enrolment_code (code_sha256, name, tasks,"
                                            + " expires_at) values (?, ?, ?, ?)")) {
                        insert.setString(1, codeHash.hex());
                        insert.setString(2, invitation.name().orElse(null));
                        insert.setString(3, join(invitation.tasks()));
                        insert.setLong(4, invitation.expires().toEpochMilli());
                        return insert.executeUpdate();
                    }
                });
    }

    /**
     * Uses a code up and adds the device in one transaction.
     *
     * @return empty if the code is unknown, expired or used
     */
    Optional<Device> enrol(Sha256 codeHash, NewDevice newDevice) {
        return run(
                connection -> {
                    if (!useCode(connection, codeHash, newDevice.enrolled())) {
                        return Optional.empty();
                    }
                    Invitation invitation = readCode(connection, codeHash);
                    Device device = newDevice.accept(invitation);
                    insert(connection, device, newDevice.tokenHash());
                    noteUser(connection, codeHash, device.id());
                    return Optional.of(device);
                });
    }

    /** What the registry decides about a device before its invitation is read. */
    record NewDevice(String idSuffix, Optional<String> name, Sha256 tokenHash, Instant enrolled) {
        private static final int MAX_ID_NAME = 40;

        /** The id begins with the name as far as an id can, so that people know it in logs. */
        private Device accept(Invitation invitation) {
            String chosen = name.or(invitation::name).orElse("device");
            String readable = chosen.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "");
            String prefix =
                    readable.isEmpty()
                            ? "device"
                            : readable.substring(0, Math.min(MAX_ID_NAME, readable.length()));
            return new Device(
                    new DeviceId(prefix + "-" + idSuffix),
                    chosen,
                    invitation.tasks(),
                    enrolled,
                    Optional.empty());
        }
    }

    void revoke(DeviceId device, Instant time) {
        run(
                connection -> {
                    try (PreparedStatement update =
                            connection.prepareStatement(
                                    "update device set revoked_at = ? where id = ? and revoked_at"
                                            + " is null")) {
                        update.setLong(1, time.toEpochMilli());
                        update.setString(2, device.value());
                        return update.executeUpdate();
                    }
                });
    }

    List<Row> all() {
        return run(
                connection -> {
                    try (PreparedStatement select =
                                    connection.prepareStatement(
                                            "select d.id, d.name, d.token_sha256, d.enrolled_at,"
                                                    + " d.revoked_at, (select group_concat(t.task)"
                                                    + " from device_task t where t.device_id ="
                                                    + " d.id) from device d order by"
                                                    + " d.enrolled_at, d.id");
                            ResultSet rows = select.executeQuery()) {
                        List<Row> devices = new ArrayList<>();
                        while (rows.next()) {
                            devices.add(read(rows));
                        }
                        return devices;
                    }
                });
    }

    private static Row read(ResultSet row) throws SQLException {
        long revoked = row.getLong(5);
        Optional<Instant> revokedAt =
                row.wasNull() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(revoked));
        Device device =
                new Device(
                        new DeviceId(row.getString(1)),
                        row.getString(2),
                        split(row.getString(6)),
                        Instant.ofEpochMilli(row.getLong(4)),
                        revokedAt);
        return new Row(device, Sha256.ofHex(row.getString(3)));
    }

    /** The update is the lock: of two devices with one code only one changes the row. */
    private static boolean useCode(Connection connection, Sha256 codeHash, Instant now)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "update enrolment_code set used_at = ? where code_sha256 = ? and used_at is"
                                + " null and expires_at > ?")) {
            update.setLong(1, now.toEpochMilli());
            update.setString(2, codeHash.hex());
            update.setLong(3, now.toEpochMilli());
            return update.executeUpdate() == 1;
        }
    }

    private static Invitation readCode(Connection connection, Sha256 codeHash) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement(
                        "select name, tasks, expires_at from enrolment_code where code_sha256 ="
                                + " ?")) {
            select.setString(1, codeHash.hex());
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return new Invitation(
                        Optional.ofNullable(row.getString(1)),
                        split(row.getString(2)),
                        Instant.ofEpochMilli(row.getLong(3)));
            }
        }
    }

    private static void insert(Connection connection, Device device, Sha256 tokenHash)
            throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "insert into device (id, name, token_sha256, enrolled_at) values (?, ?, ?,"
                                + " ?)")) {
            insert.setString(1, device.id().value());
            insert.setString(2, device.name());
            insert.setString(3, tokenHash.hex());
            insert.setLong(4, device.enrolled().toEpochMilli());
            insert.executeUpdate();
        }
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "insert into device_task (device_id, task) values (?, ?)")) {
            for (TaskName task : device.tasks()) {
                insert.setString(1, device.id().value());
                insert.setString(2, task.value());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void noteUser(Connection connection, Sha256 codeHash, DeviceId device)
            throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement(
                        "update enrolment_code set device_id = ? where code_sha256 = ?")) {
            update.setString(1, device.value());
            update.setString(2, codeHash.hex());
            update.executeUpdate();
        }
    }

    private static String join(Set<TaskName> tasks) {
        return tasks.stream().map(TaskName::value).sorted().collect(Collectors.joining(","));
    }

    private static Set<TaskName> split(String tasks) {
        return Stream.of(tasks.split(",")).map(TaskName::new).collect(Collectors.toSet());
    }

    private <T> T run(Work<T> work) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new CoordinatorException(
                    Code.STORAGE, "the database did not take or give the devices' rows", e);
        }
    }

    /** One transaction's work. */
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }
}
