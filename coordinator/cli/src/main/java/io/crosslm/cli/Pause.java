package io.crosslm.cli;

import java.time.Duration;

/** The time between two looks at a round; a test passes it at once. */
@FunctionalInterface
interface Pause {
    void pause(Duration duration) throws InterruptedException;
}
