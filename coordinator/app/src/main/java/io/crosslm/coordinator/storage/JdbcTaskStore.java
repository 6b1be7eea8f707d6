package io.crosslm.coordinator.storage;

import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.coordinator.task.TaskStore;
import io.crosslm.protocol.TaskName;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** Tasks in the table {@code task}. Thread-safe. */
public final class JdbcTaskStore implements TaskStore {
    private final Transactions transactions;
    private final Clock clock;

    public JdbcTaskStore(DataSource database, Clock clock) {
        this.transactions = new Transactions(database);
        this.clock = clock;
    }

    @Override
    public boolean add(TaskDefinition task) {
        boolean isNew =
                transactions.run(
                        connection ->
                                Transactions.update(
                                                connection,
                                                "insert into task (name, body, created_at,"
                                                        + " announcements) values (?, ?, ?, 0)"
                                                        + " on conflict (name) do nothing",
                                                task.name().value(),
                                                task.toJson(),
                                                clock.millis())
                                        == 1);
        if (!isNew && !find(task.name()).equals(Optional.of(task))) {
            throw new CoordinatorException(
                    Code.TASK_DIFFERS,
                    "task "
                            + task.name()
                            + " exists with another definition; tasks do not change: take another"
                            + " name");
        }
        return isNew;
    }

    @Override
    public Optional<TaskDefinition> find(TaskName name) {
        return query("select body from task where name = ?", name.value()).stream().findFirst();
    }

    @Override
    public List<TaskDefinition> all() {
        return query("select body from task order by name");
    }

    private List<TaskDefinition> query(String sql, Object... values) {
        return transactions.query(sql, row -> TaskDefinition.parse(row.getString(1)), values);
    }
}
