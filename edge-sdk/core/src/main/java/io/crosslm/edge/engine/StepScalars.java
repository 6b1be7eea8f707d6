package io.crosslm.edge.engine;

/**
 * What AdamW is told in a step (Loshchilov and Hutter 2019, algorithm 2).
 *
 * @param learningRate size of the step
 * @param weightDecay share of a parameter that a step of rate 1 takes away
 * @param correction1 1 - beta1^step
 * @param correction2 1 - beta2^step
 * @param penalty strength of the objective's L2 term, penalty / 2 x |head weight|^2
 */
public record StepScalars(
        double learningRate,
        double weightDecay,
        double correction1,
        double correction2,
        double penalty) {}
