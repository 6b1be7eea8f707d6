package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.crosslm.slm.SlmException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Makes and reads the tensors of ONNX files; numbers are little-endian. */
public final class Tensors {
    private Tensors() {}

    /** A float32 tensor, row-major; a scalar without dimensions. */
    public static TensorProto floats(String name, float[] values, long... dimensions) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor =
                TensorProto.newBuilder()
                        .setName(name)
                        .setDataType(TensorProto.DataType.FLOAT.getNumber())
                        .setRawData(ByteString.copyFrom(bytes.array()));
        for (long dimension : dimensions) {
            tensor.addDims(dimension);
        }
        return tensor.build();
    }

    /** A float64 scalar. */
    static TensorProto doubles(String name, double value) {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putDouble(0, value);
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.DOUBLE.getNumber())
                .setRawData(ByteString.copyFrom(bytes.array()))
                .build();
    }

    /** One element of a floating-point type, 0. */
    public static TensorProto zero(TensorProto.DataType type) {
        int bytes =
                type == TensorProto.DataType.DOUBLE
                        ? Double.BYTES
                        : type == TensorProto.DataType.FLOAT ? Float.BYTES : Short.BYTES;
        return TensorProto.newBuilder()
                .setDataType(type.getNumber())
                .addDims(1)
                .setRawData(ByteString.copyFrom(new byte[bytes]))
                .build();
    }

    /** Whether the first element of a tensor of booleans is true. */
    public static boolean toFlag(TensorProto tensor) {
        return tensor.getRawData().isEmpty()
                ? tensor.getInt32DataCount() > 0 && tensor.getInt32Data(0) != 0
                : tensor.getRawData().byteAt(0) != 0;
    }

    /** An int64 vector. */
    public static TensorProto longs(String name, long... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(values);
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length)
                .setRawData(ByteString.copyFrom(bytes.array()))
                .build();
    }

    /**
     * The values of a float32 tensor, row-major.
     *
     * @throws SlmException if it has another type or its size does not fit its dimensions
     */
    public static float[] toFloats(TensorProto tensor) {
        if (tensor.getDataType() != TensorProto.DataType.FLOAT.getNumber()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    tensor.getName()
                            + " has element type "
                            + tensor.getDataType()
                            + " where float32 was expected; export the encoder in float32");
        }
        long count = 1;
        for (long dimension : tensor.getDimsList()) {
            count = Math.multiplyExact(count, dimension);
        }
        float[] values;
        if (tensor.getFloatDataCount() > 0) {
            values = new float[tensor.getFloatDataCount()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.getFloatData(i);
            }
        } else {
            values = new float[tensor.getRawData().size() / 4];
            tensor.getRawData()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
        }
        if (values.length != count) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    tensor.getName()
                            + " has "
                            + values.length
                            + " values where its dimensions say "
                            + count);
        }
        return values;
    }

    /**
     * The values of an int64 or int32 tensor, row-major.
     *
     * @throws SlmException if it has another type
     */
    public static long[] toLongs(TensorProto tensor) {
        boolean wide = tensor.getDataType() == TensorProto.DataType.INT64.getNumber();
        if (!wide && tensor.getDataType() != TensorProto.DataType.INT32.getNumber()) {
            throw new SlmException(
                    SlmException.Code.BAD_ENCODER,
                    tensor.getName()
                            + " has element type "
                            + tensor.getDataType()
                            + " where whole numbers were expected");
        }
        ByteBuffer raw = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        if (wide) {
            long[] values = new long[raw.remaining() / Long.BYTES];
            raw.asLongBuffer().get(values);
            return raw.hasRemaining()
                    ? values
                    : tensor.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
        }
        int[] values = new int[raw.remaining() / Integer.BYTES];
        raw.asIntBuffer().get(values);
        return raw.hasRemaining()
                ? Arrays.stream(values).asLongStream().toArray()
                : tensor.getInt32DataList().stream().mapToLong(Integer::longValue).toArray();
    }

    /** Whether a tensor of 8-bit numbers holds nothing but 0. */
    static boolean isZero(TensorProto tensor) {
        ByteString raw = tensor.getRawData();
        for (int i = 0; i < raw.size(); i++) {
            if (raw.byteAt(i) != 0) {
                return false;
            }
        }
        return tensor.getInt32DataList().stream().allMatch(value -> value == 0);
    }

    /** Whether it is of float32 and has two dimensions or more that are longer than 1. */
    static boolean isMatrix(TensorProto tensor) {
        return tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber()
                && tensor.getDimsList().stream().filter(length -> length > 1).count() > 1;
    }

    /** Whether all numbers of a float32 tensor are the same. */
    static boolean isUniform(TensorProto tensor) {
        FloatBuffer values =
                rawBytes(tensor)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
        for (int i = 1; i < values.limit(); i++) {
            if (Float.compare(values.get(i), values.get(0)) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether {@link #rawBytes} has the tensor's bytes: raw ones of any type, or float32. */
    static boolean canLieOutside(TensorProto tensor) {
        return !tensor.getRawData().isEmpty()
                || tensor.getDataType() == TensorProto.DataType.FLOAT.getNumber();
    }

    /** The tensor's bytes as they lie in an external file. */
    static ByteString rawBytes(TensorProto tensor) {
        if (!tensor.getRawData().isEmpty()) {
            return tensor.getRawData();
        }
        return floats(tensor.getName(), toFloats(tensor)).getRawData();
    }
}
