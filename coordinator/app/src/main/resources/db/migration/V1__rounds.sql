-- Tasks and their rounds. Times are UTC milliseconds. The same SQL runs on SQLite and PostgreSQL:
-- bytea is PostgreSQL's type for bytes, and SQLite stores bytes as they are whatever the type's name.
create table task (
    name          text   not null primary key,
    -- Task file with every setting written out, so that a later default changes no task.
    body          text   not null,
    created_at    bigint not null,
    -- Sequence number of the task's last announcement.
    announcements bigint not null
);

-- A transaction on a round begins with raising its version, which locks the row.
create table round (
    task    text    not null references task (name),
    number  integer not null,
    version bigint  not null,
    primary key (task, number)
);

-- Append-only: the history of a round is its state.
create table round_transition (
    task    text    not null,
    round   integer not null,
    ordinal integer not null,
    step    text    not null,
    at      bigint  not null,
    reason  text    not null,
    primary key (task, round, ordinal),
    foreign key (task, round) references round (task, number)
);

-- What a step left, as JSON; written with the transition that ends the step.
create table round_document (
    task  text    not null,
    round integer not null,
    kind  text    not null,
    body  text    not null,
    primary key (task, round, kind),
    foreign key (task, round) references round (task, number)
);

create table sample (
    task     text    not null,
    round    integer not null,
    position integer not null,
    text     text    not null,
    intended integer not null,
    -- Why it is not part of the batch; null if it is.
    filtered text,
    primary key (task, round, position),
    foreign key (task, round) references round (task, number)
);

-- The task's pool as it is now.
create table pool_sample (
    task       text    not null,
    round      integer not null,
    position   integer not null,
    text       text    not null,
    -- Probabilities, separated by commas.
    soft_label text    not null,
    primary key (task, round, position),
    foreign key (task, round) references round (task, number)
);

-- The first report of a key stays; later ones are duplicates.
create table report (
    task        text    not null,
    round       integer not null,
    device      text    not null,
    kind        text    not null,
    received_at bigint  not null,
    late        integer not null,
    body        bytea   not null,
    primary key (task, round, device, kind),
    foreign key (task, round) references round (task, number)
);
