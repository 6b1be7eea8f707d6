package io.crosslm.slm.tflite;

/** A tensor of a {@link Subgraph}; the content is empty unless it is a constant. */
final class Tensor {
    private final String name;
    private final TensorType type;
    private final int[] dimensions;
    private final byte[] content;
    private final float scale;

    Tensor(String name, TensorType type, int[] dimensions, byte[] content, float scale) {
        this.name = name;
        this.type = type;
        this.dimensions = dimensions.clone();
        this.content = content;
        this.scale = scale;
    }

    String name() {
        return name;
    }

    TensorType type() {
        return type;
    }

    int[] dimensions() {
        return dimensions;
    }

    byte[] content() {
        return content;
    }

    /** What a number stands for 1 of, if the tensor is quantised; else 0. */
    float scale() {
        return scale;
    }
}
