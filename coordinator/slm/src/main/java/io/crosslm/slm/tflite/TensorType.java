package io.crosslm.slm.tflite;

/** Element types of tensors with their numbers in the file format. */
enum TensorType {
    FLOAT32(0),
    INT32(2),
    BOOL(6),
    INT8(9),
    RESOURCE(13);

    private final int code;

    TensorType(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
