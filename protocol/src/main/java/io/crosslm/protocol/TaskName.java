package io.crosslm.protocol;

/**
 * Name of a task, unique within a tenant.
 *
 * @param value 1 to {@value Limits#MAX_ID_LENGTH} characters of a-z 0-9 - _, a letter or digit
 *     first
 */
public record TaskName(String value) {

    public TaskName {
        value = Ids.checked("task name", value, false);
    }

    @Override
    public String toString() {
        return value;
    }
}
