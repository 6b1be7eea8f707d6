package io.crosslm.slm.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes graphs as a .tflite file, a flat buffer of the schema's version 3. A graph with inputs or
 * outputs is a signature of its name. The same graphs give the same bytes. Confined to one thread.
 */
final class TfliteFile {
    private static final int SCHEMA_VERSION = 3;
    private static final String IDENTIFIER = "TFL3";
    private static final int INITIAL_BYTES = 1 << 16;
    private static final int BUFFER_ALIGNMENT = 16;

    /** Operators above this number have it in a field of their own. */
    private static final int LARGEST_BYTE_CODE = 127;

    private final FlatBufferBuilder file = new FlatBufferBuilder(INITIAL_BYTES);
    private final Map<Operator, Integer> operatorIndexes = new EnumMap<>(Operator.class);
    private final List<Integer> operatorCodes = new ArrayList<>();
    private final List<Integer> buffers = new ArrayList<>();

    /** Where texts and lists lie that come again and again, as names and dimensions do. */
    private final Map<String, Integer> texts = new HashMap<>();

    private final Map<List<Integer>, Integer> lists = new HashMap<>();

    private TfliteFile() {}

    /** The file of these graphs; the first is the one that runs when no signature is named. */
    static byte[] of(String description, List<Subgraph> graphs) {
        return new TfliteFile().write(description, graphs);
    }

    private byte[] write(String description, List<Subgraph> graphs) {
        // Tensors without content name the first buffer, which is empty.
        buffer(new byte[0]);
        List<Integer> subgraphs = new ArrayList<>();
        List<Integer> signatures = new ArrayList<>();
        for (Subgraph graph : graphs) {
            subgraphs.add(subgraph(graph));
            if (!graph.inputs().isEmpty() || !graph.outputs().isEmpty()) {
                signatures.add(signature(graph, subgraphs.size() - 1));
            }
        }
        int codesAt = offsets(operatorCodes);
        int subgraphsAt = offsets(subgraphs);
        int descriptionAt = text(description);
        int buffersAt = offsets(buffers);
        int signaturesAt = offsets(signatures);
        file.startTable(8);
        file.addInt(0, SCHEMA_VERSION, 0);
        file.addOffset(1, codesAt, 0);
        file.addOffset(2, subgraphsAt, 0);
        file.addOffset(3, descriptionAt, 0);
        file.addOffset(4, buffersAt, 0);
        file.addOffset(7, signaturesAt, 0);
        file.finish(file.endTable(), IDENTIFIER);
        return file.sizedByteArray();
    }

    private int subgraph(Subgraph graph) {
        List<Integer> tensors = new ArrayList<>();
        for (Tensor tensor : graph.tensors()) {
            tensors.add(tensor(tensor));
        }
        List<Integer> calls = new ArrayList<>();
        for (Call call : graph.calls()) {
            calls.add(call(call));
        }
        int tensorsAt = offsets(tensors);
        int inputsAt = integers(indexes(graph.inputs()));
        int outputsAt = integers(indexes(graph.outputs()));
        int callsAt = offsets(calls);
        int nameAt = text(graph.name());
        file.startTable(5);
        file.addOffset(0, tensorsAt, 0);
        file.addOffset(1, inputsAt, 0);
        file.addOffset(2, outputsAt, 0);
        file.addOffset(3, callsAt, 0);
        file.addOffset(4, nameAt, 0);
        return file.endTable();
    }

    private static int[] indexes(Map<String, Integer> tensors) {
        return tensors.values().stream().mapToInt(Integer::intValue).toArray();
    }

    private int tensor(Tensor tensor) {
        int buffer = tensor.content().length == 0 ? 0 : buffer(tensor.content());
        // What is unknown counts as 1 until the caller says how much it is.
        int shapeAt =
                integers(Arrays.stream(tensor.dimensions()).map(d -> Math.max(d, 1)).toArray());
        int signatureAt = integers(tensor.dimensions());
        int nameAt = text(tensor.name());
        int quantisationAt = tensor.scale() == 0 ? 0 : quantisation(tensor.scale());
        file.startTable(8);
        file.addOffset(0, shapeAt, 0);
        file.addByte(1, (byte) tensor.type().code(), 0);
        file.addInt(2, buffer, 0);
        file.addOffset(3, nameAt, 0);
        file.addOffset(4, quantisationAt, 0);
        if (Arrays.stream(tensor.dimensions()).anyMatch(d -> d == Subgraph.ANY)) {
            file.addOffset(7, signatureAt, 0);
        }
        return file.endTable();
    }

    /** One scale for the whole tensor, zero point 0. */
    private int quantisation(float scale) {
        file.startVector(4, 1, 4);
        file.addFloat(scale);
        int scaleAt = file.endVector();
        file.startVector(8, 1, 8);
        file.addLong(0);
        int zeroAt = file.endVector();
        file.startTable(7);
        file.addOffset(2, scaleAt, 0);
        file.addOffset(3, zeroAt, 0);
        return file.endTable();
    }

    private int buffer(byte[] content) {
        int contentAt = 0;
        if (content.length > 0) {
            file.startVector(1, content.length, BUFFER_ALIGNMENT);
            for (int i = content.length - 1; i >= 0; i--) {
                file.addByte(content[i]);
            }
            contentAt = file.endVector();
        }
        file.startTable(1);
        file.addOffset(0, contentAt, 0);
        buffers.add(file.endTable());
        return buffers.size() - 1;
    }

    private int call(Call call) {
        int operator = operatorIndexes.computeIfAbsent(call.operator(), this::operatorCode);
        int optionsType = call.operator().optionsType();
        int optionsAt = optionsType == 0 ? 0 : call.writeOptions(file);
        int inputsAt = integers(call.inputs());
        int outputsAt = integers(call.outputs());
        file.startTable(5);
        file.addInt(0, operator, 0);
        file.addOffset(1, inputsAt, 0);
        file.addOffset(2, outputsAt, 0);
        file.addByte(3, (byte) optionsType, 0);
        file.addOffset(4, optionsAt, 0);
        return file.endTable();
    }

    private int operatorCode(Operator operator) {
        file.startTable(4);
        file.addByte(0, (byte) Math.min(operator.code(), LARGEST_BYTE_CODE), 0);
        file.addInt(2, 1, 1);
        file.addInt(3, operator.code(), 0);
        operatorCodes.add(file.endTable());
        return operatorCodes.size() - 1;
    }

    private int signature(Subgraph graph, int index) {
        int inputsAt = offsets(names(graph.inputs()));
        int outputsAt = offsets(names(graph.outputs()));
        int keyAt = text(graph.name());
        file.startTable(5);
        file.addOffset(0, inputsAt, 0);
        file.addOffset(1, outputsAt, 0);
        file.addOffset(2, keyAt, 0);
        file.addInt(4, index, 0);
        return file.endTable();
    }

    private List<Integer> names(Map<String, Integer> tensors) {
        List<Integer> names = new ArrayList<>();
        tensors.forEach(
                (name, tensor) -> {
                    int nameAt = text(name);
                    file.startTable(2);
                    file.addOffset(0, nameAt, 0);
                    file.addInt(1, tensor, 0);
                    names.add(file.endTable());
                });
        return names;
    }

    private int text(String text) {
        return texts.computeIfAbsent(text, file::createString);
    }

    private int integers(int[] values) {
        return lists.computeIfAbsent(
                Arrays.stream(values).boxed().toList(),
                list -> {
                    file.startVector(4, values.length, 4);
                    for (int i = values.length - 1; i >= 0; i--) {
                        file.addInt(values[i]);
                    }
                    return file.endVector();
                });
    }

    private int offsets(List<Integer> values) {
        file.startVector(4, values.size(), 4);
        for (int i = values.size() - 1; i >= 0; i--) {
            file.addOffset(values.get(i));
        }
        return file.endVector();
    }
}
