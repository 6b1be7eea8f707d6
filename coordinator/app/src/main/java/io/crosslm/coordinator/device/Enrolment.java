package io.crosslm.coordinator.device;

/**
 * What a device gets when it enrols.
 *
 * @param token its credential, told this once
 */
public record Enrolment(Device device, Secret token) {}
