package io.crosslm.coordinator.task;

/**
 * A small language model that a task offers. A device takes the one that it is configured for, else
 * the task's first one of its engine.
 */
public sealed interface SmallModel {
    /** Unique within the task. */
    String name();

    /** Name of the engine that runs it on a device. */
    String engine();

    /**
     * A classifier on a public encoder, run by ONNX Runtime.
     *
     * @param encoder as the coordinator's settings name it
     * @param mode what a device trains
     */
    record OnEncoder(String name, String encoder, SlmMode mode) implements SmallModel {
        /** Name of the engine: {@value}. */
        public static final String ENGINE = "onnx";

        /** The encoder that is part of the product: {@value}. */
        public static final String DEFAULT_ENCODER = "minilm";

        @Override
        public String engine() {
            return ENGINE;
        }
    }

    /** A model of our own, run by TensorFlow Lite. */
    record Light(String name, LightModel model) implements SmallModel {
        /** Name of the engine: {@value}. */
        public static final String ENGINE = "tflite";

        @Override
        public String engine() {
            return ENGINE;
        }
    }
}
