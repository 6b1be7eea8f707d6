package io.crosslm.slm.pack;

import com.google.gson.Gson;
import io.crosslm.slm.classifier.Parameter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes float32 tensors in the safetensors format. */
final class Safetensors {
    private static final int ALIGNMENT = 8;

    private Safetensors() {}

    static byte[] of(List<Parameter> parameters) {
        Map<String, Object> header = new LinkedHashMap<>();
        int end = 0;
        for (Parameter parameter : parameters) {
            int start = end;
            end = Math.addExact(end, Math.multiplyExact(4, parameter.values().length));
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", "F32");
            entry.put("shape", parameter.dimensions());
            entry.put("data_offsets", new int[] {start, end});
            header.put(parameter.name(), entry);
        }
        byte[] json = new Gson().toJson(header).getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        ByteBuffer file =
                ByteBuffer.allocate(8 + padded.length + end).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(padded.length).put(padded);
        for (Parameter parameter : parameters) {
            for (float value : parameter.values()) {
                file.putFloat(value);
            }
        }
        return file.array();
    }
}
