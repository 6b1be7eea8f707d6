package io.crosslm.coordinator.task;

/**
 * Which samples train the devices.
 *
 * @param threshold a sample joins if its most likely label reaches this probability
 * @param maximum samples of the pool over all rounds
 * @param weight of the pool's loss on the device
 */
public record PoolSettings(double threshold, int maximum, double weight) {
    static final PoolSettings DEFAULTS = new PoolSettings(0.8, 2000, 0.5);
}
