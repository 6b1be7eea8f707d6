package io.crosslm.llm.torch;

/** What goes on in a {@link Generator}, and whether it may go on. */
interface GenerationObserver {
    /** Tokens were drawn in one native call. */
    void drew(int tokens);

    /** A completion has so many tokens now and is not finished. */
    void wrote(int completion, int[] tokens, int count);

    /** A completion is finished. */
    void finished(int completion, int[] tokens);

    /** Whether the work is to end with an error. */
    boolean cancelled();

    /** Whether there is time for more; if not, completions end where they are. */
    boolean goesOn();

    /** Hears nothing and lets it run. */
    static GenerationObserver noop() {
        return Noop.INSTANCE;
    }

    /** See {@link #noop}. */
    enum Noop implements GenerationObserver {
        INSTANCE;

        @Override
        public void drew(int tokens) {}

        @Override
        public void wrote(int completion, int[] tokens, int count) {}

        @Override
        public void finished(int completion, int[] tokens) {}

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public boolean goesOn() {
            return true;
        }
    }
}
