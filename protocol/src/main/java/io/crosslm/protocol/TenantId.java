package io.crosslm.protocol;

/**
 * Name of a customer whose devices, tasks and data are apart from all others'.
 *
 * @param value 1 to {@value Limits#MAX_ID_LENGTH} characters of a-z 0-9 - _, a letter or digit
 *     first
 */
public record TenantId(String value) {
    /** The tenant of an installation that has only one. */
    public static final TenantId DEFAULT = new TenantId("default");

    public TenantId {
        value = Ids.checked("tenant id", value, false);
    }

    @Override
    public String toString() {
        return value;
    }
}
