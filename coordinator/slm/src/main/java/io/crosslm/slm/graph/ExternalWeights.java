package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One file of large weights that several graphs share. A tensor is written once, whatever graph
 * names it; offsets are multiples of a page, so that a runtime can map the file.
 */
public final class ExternalWeights {
    private static final int PAGE = 4096;
    private static final int SMALLEST = 1024;
    private static final int BLOCK = 1 << 16;

    private final String fileName;
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final Map<String, ByteString> contents = new LinkedHashMap<>();
    private long end;

    /** An empty file of that name, as graphs beside it will call it. */
    public ExternalWeights(String fileName) {
        this.fileName = fileName;
    }

    /**
     * The graph's model with its large weights in the file. Tensors of the same name in other
     * graphs must be the same.
     */
    public byte[] toBytes(Graph graph) {
        List<TensorProto> tensors = new ArrayList<>();
        for (TensorProto tensor : graph.initializers().values()) {
            if (!Tensors.canLieOutside(tensor)) {
                tensors.add(tensor);
                continue;
            }
            ByteString bytes = Tensors.rawBytes(tensor);
            tensors.add(bytes.size() < SMALLEST ? tensor : outside(tensor, bytes));
        }
        return graph.toBytes(tensors);
    }

    private TensorProto outside(TensorProto tensor, ByteString bytes) {
        Long known = offsets.get(tensor.getName());
        if (known == null) {
            known = (end + PAGE - 1) / PAGE * PAGE;
            offsets.put(tensor.getName(), known);
            contents.put(tensor.getName(), bytes);
            end = known + bytes.size();
        } else if (!bytes.equals(contents.get(tensor.getName()))) {
            throw new IllegalArgumentException(
                    "Two graphs have different weights named " + tensor.getName());
        }
        return tensor.toBuilder()
                .clearRawData()
                .clearFloatData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", fileName))
                .addExternalData(entry("offset", Long.toString(known)))
                .addExternalData(entry("length", Long.toString(bytes.size())))
                .build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    /** Writes the file's bytes. */
    public void writeTo(OutputStream out) throws IOException {
        long position = 0;
        for (Map.Entry<String, ByteString> content : contents.entrySet()) {
            long offset = offsets.getOrDefault(content.getKey(), position);
            out.write(new byte[(int) (offset - position)]);
            ByteString bytes = content.getValue();
            // In blocks: a file stream copies what it is given into native memory first.
            for (int start = 0; start < bytes.size(); start += BLOCK) {
                bytes.substring(start, Math.min(bytes.size(), start + BLOCK)).writeTo(out);
            }
            position = offset + bytes.size();
        }
    }
}
