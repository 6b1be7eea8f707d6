-- Devices, their tasks, and the one-time codes by which they enrol. Times are UTC milliseconds.
create table device (
    id           text   not null primary key,
    name         text   not null,
    -- SHA-256 of the token, hexadecimal; the token itself is never stored.
    token_sha256 text   not null unique,
    enrolled_at  bigint not null,
    revoked_at   bigint
);

create table device_task (
    device_id text not null references device (id),
    task      text not null,
    primary key (device_id, task)
);

create table enrolment_code (
    -- SHA-256 of the code, hexadecimal.
    code_sha256 text   not null primary key,
    name        text,
    -- Task names, separated by commas.
    tasks       text   not null,
    expires_at  bigint not null,
    used_at     bigint,
    device_id   text references device (id)
);

-- One row; the epoch rises with every start.
create table coordinator (
    id    integer not null primary key check (id = 1),
    epoch bigint  not null
);

insert into coordinator (id, epoch) values (1, 0);
