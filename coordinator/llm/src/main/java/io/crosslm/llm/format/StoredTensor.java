package io.crosslm.llm.format;

import java.nio.FloatBuffer;
import java.util.List;

/** Where a tensor lies in a file. */
record StoredTensor(MappedFile file, long offset, TensorType type, List<Long> shape) {
    /** Values of a row, which is the last dimension. */
    long rowLength() {
        return shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
    }

    long rowCount() {
        long rows = 1;
        for (int i = 0; i + 1 < shape.size(); i++) {
            rows *= shape.get(i);
        }
        return rows;
    }

    void readRows(long firstRow, int count, FloatBuffer target) {
        if (firstRow < 0 || count < 0 || firstRow + count > rowCount()) {
            throw new IllegalArgumentException(
                    "Rows " + firstRow + " to " + (firstRow + count) + " of " + rowCount());
        }
        long values = count * rowLength();
        long start = offset + type.bytes(firstRow * rowLength());
        type.read(file.map(start, type.bytes(values)), values, target);
    }
}
