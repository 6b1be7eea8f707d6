package io.crosslm.slm.tflite;

/** The part of a {@link TextClassifier} that makes features out of ids. */
interface TextBody {
    /** Appends the way from ids to features. */
    Pass forward(GraphParameters parameters, TextInputs texts);

    /** A way through the body, whose values the way back reads. */
    interface Pass {
        /** Features of the texts [B, C]. */
        int features();

        /**
         * Appends the way back.
         *
         * @param slope of the loss by the features [B, C]
         * @param gradients takes those of the body's parameters
         */
        void backward(int slope, Gradients gradients);
    }
}
