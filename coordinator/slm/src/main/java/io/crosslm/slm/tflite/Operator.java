package io.crosslm.slm.tflite;

/**
 * Operators of TensorFlow Lite that our models need: number of the operator and of its options in
 * the file format's schema, version 3. All are used in their first version.
 */
enum Operator {
    ADD(0, 11),
    CONCATENATION(2, 10),
    DEQUANTIZE(6, 38),
    MUL(18, 21),
    RELU(19, 0),
    RESHAPE(22, 17),
    SOFTMAX(25, 9),
    PAD(34, 22),
    GATHER(36, 23),
    MEAN(40, 27),
    SUB(41, 28),
    DIV(42, 29),
    STRIDED_SLICE(45, 32),
    LOG_SOFTMAX(50, 36),
    CAST(53, 37),
    MAXIMUM(55, 39),
    MINIMUM(57, 39),
    GREATER(61, 44),
    EXPAND_DIMS(70, 52),
    EQUAL(71, 53),
    LOG(73, 0),
    SUM(74, 27),
    SQRT(75, 0),
    RSQRT(76, 0),
    REDUCE_MAX(82, 27),
    ZEROS_LIKE(93, 67),
    FILL(94, 68),
    SCATTER_ND(122, 97),
    BATCH_MATMUL(126, 101),
    CUMSUM(128, 102),
    CALL_ONCE(129, 103),
    VAR_HANDLE(142, 111),
    READ_VARIABLE(143, 112),
    ASSIGN_VARIABLE(144, 113);

    private final int code;
    private final int optionsType;

    Operator(int code, int optionsType) {
        this.code = code;
        this.optionsType = optionsType;
    }

    /** Number of the operator. */
    int code() {
        return code;
    }

    /** Number of the options' table in the union; 0 for none. */
    int optionsType() {
        return optionsType;
    }
}
