package io.crosslm.edge.model;

import java.time.Duration;

/**
 * What a training has before it.
 *
 * @param rows examples and pool samples that it goes over
 * @param epochs in all, early stopping left out
 * @param stepsLeft from now on
 * @param timeLeft steps at the speed of the second one, and a forward pass over the validation part
 *     in each epoch, taken as half a step for as many rows; an estimate
 */
public record TrainingPlan(int rows, int epochs, int stepsLeft, Duration timeLeft) {}
