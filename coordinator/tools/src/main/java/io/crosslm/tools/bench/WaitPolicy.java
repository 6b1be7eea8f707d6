package io.crosslm.tools.bench;

/** What OpenMP threads do while they wait (OMP_WAIT_POLICY). */
enum WaitPolicy {
    /** They sleep. */
    PASSIVE,
    /** They spin: faster on an idle machine, many times slower on a busy one. */
    ACTIVE
}
