package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;

/** Element type and dimensions of an input or output; a dimension is a number or a name. */
public final class ValueType {
    private final TypeProto type;

    private ValueType(TensorProto.DataType element, Object... dimensions) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (Object dimension : dimensions) {
            TensorShapeProto.Dimension.Builder one = TensorShapeProto.Dimension.newBuilder();
            if (dimension instanceof Number) {
                one.setDimValue(((Number) dimension).longValue());
            } else {
                one.setDimParam((String) dimension);
            }
            shape.addDim(one);
        }
        type =
                TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder()
                                        .setElemType(element.getNumber())
                                        .setShape(shape))
                        .build();
    }

    /** float32 of these dimensions; none for a scalar. */
    public static ValueType floats(Object... dimensions) {
        return new ValueType(TensorProto.DataType.FLOAT, dimensions);
    }

    /** int64 of these dimensions. */
    public static ValueType longs(Object... dimensions) {
        return new ValueType(TensorProto.DataType.INT64, dimensions);
    }

    /** A value of this type. */
    public ValueInfoProto named(String name) {
        return ValueInfoProto.newBuilder().setName(name).setType(type).build();
    }
}
