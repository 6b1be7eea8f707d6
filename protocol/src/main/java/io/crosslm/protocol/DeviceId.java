package io.crosslm.protocol;

/**
 * Name of a device: its MQTT client id, user name and topic level.
 *
 * @param value 1 to {@value Limits#MAX_ID_LENGTH} characters of A-Z a-z 0-9 - _, a letter or digit
 *     first
 */
public record DeviceId(String value) {

    public DeviceId {
        value = Ids.checked("device id", value, true);
    }

    @Override
    public String toString() {
        return value;
    }
}
