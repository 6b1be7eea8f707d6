package io.crosslm.edge.onnx;

import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a graph can keep anything from one run to the next. Operators that draw random numbers
 * can: each has a generator that goes on where the last run left it, so that how often it was asked
 * for one row would show in the next one's gradient. What is left of ONNX's standard operators
 * computes its outputs from its inputs alone.
 *
 * <p>Reads no more of the file than the operators' names: of protobuf's wire format, the fields
 * graph (7) and opset_import (8) of ModelProto, node (1) of GraphProto, input (1), op_type (4),
 * attribute (5) and domain (7) of NodeProto (onnx.proto3). Fields that come twice are looked at
 * twice: whichever of them a reader takes, it was seen here.
 */
final class StatelessGraph {
    /** Of all standard operators up to {@value #NEWEST}, those that draw. */
    private static final Set<String> DRAWING =
            new HashSet<>(
                    Arrays.asList(
                            "Bernoulli",
                            "Multinomial",
                            "RandomNormal",
                            "RandomNormalLike",
                            "RandomUniform",
                            "RandomUniformLike"));

    /** The newest operator set that the list above was made for. */
    private static final int NEWEST = 22;

    /** Far more than graphs have whose weights lie beside them. */
    private static final long MOST_BYTES = 256L << 20;

    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int BYTES = 2;
    private static final int FOUR_BYTES = 5;

    private final String name;
    private int nodes;

    private StatelessGraph(String name) {
        this.name = name;
    }

    /**
     * Fails unless every run of a graph is like the first.
     *
     * @throws ModelException NOT_PRIVATE if it has operators that draw, operators that are not
     *     ONNX's own, branches or loops, or is no ONNX file that can be read
     */
    static void expect(Path file) {
        StatelessGraph graph = new StatelessGraph(String.valueOf(file.getFileName()));
        if (graph.name.toLowerCase(Locale.ROOT).endsWith(".ort")) {
            throw graph.refused("it is in another format than ONNX");
        }
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw graph.refused("it has more than " + MOST_BYTES + " bytes");
            }
            graph.model(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.STORAGE, "The graph " + graph.name + " cannot be read", e);
        }
        if (graph.nodes == 0) {
            throw graph.refused("it has no operators");
        }
    }

    private void model(ByteBuffer model) {
        while (model.hasRemaining()) {
            Field field = next(model);
            if (field.number == 7) {
                graph(field.content());
            } else if (field.number == 8) {
                operatorSet(field.content());
            } else if (field.number == 20 || field.number == 25) {
                throw refused("it brings functions of its own");
            }
        }
    }

    private void operatorSet(ByteBuffer set) {
        while (set.hasRemaining()) {
            Field field = next(set);
            if (field.number == 1) {
                expectStandard(field.text());
            } else if (field.number == 2 && (field.value < 1 || field.value > NEWEST)) {
                throw refused("it is of operator set " + field.value);
            }
        }
    }

    private void graph(ByteBuffer graph) {
        while (graph.hasRemaining()) {
            Field field = next(graph);
            if (field.number == 1) {
                node(field.content());
                nodes++;
            }
        }
    }

    private void node(ByteBuffer node) {
        boolean isDropout = false;
        int inputs = 0;
        boolean isTold = false;
        while (node.hasRemaining()) {
            Field field = next(node);
            if (field.number == 1) {
                inputs++;
                // Whether it drops at all is Dropout's third input.
                isTold |= inputs > 2 && field.content().hasRemaining();
            } else if (field.number == 4) {
                String operator = field.text();
                isDropout |= operator.equals("Dropout");
                if (DRAWING.contains(operator)) {
                    throw refused("it draws random numbers (" + operator + ")");
                }
            } else if (field.number == 5) {
                attribute(field.content());
            } else if (field.number == 7) {
                expectStandard(field.text());
            }
        }
        if (isDropout && isTold) {
            throw refused("it draws random numbers (Dropout)");
        }
    }

    private void attribute(ByteBuffer attribute) {
        while (attribute.hasRemaining()) {
            int number = next(attribute).number;
            if (number == 6 || number == 11) {
                throw refused("it branches or repeats");
            }
        }
    }

    private void expectStandard(String domain) {
        if (!domain.isEmpty() && !domain.equals("ai.onnx")) {
            throw refused("it has operators that are not ONNX's own");
        }
    }

    private Field next(ByteBuffer in) {
        long tag = varint(in);
        int number = (int) (tag >>> 3);
        switch ((int) (tag & 7)) {
            case VARINT:
                return new Field(number, varint(in), null);
            case EIGHT_BYTES:
                return new Field(number, 0, bytes(in, 8));
            case FOUR_BYTES:
                return new Field(number, 0, bytes(in, 4));
            case BYTES:
                return new Field(number, 0, bytes(in, varint(in)));
            default:
                throw refused("it is not in ONNX's format");
        }
    }

    private long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!in.hasRemaining()) {
                break;
            }
            byte part = in.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw refused("it is not in ONNX's format");
    }

    private ByteBuffer bytes(ByteBuffer in, long count) {
        if (count < 0 || count > in.remaining()) {
            throw refused("it was cut short");
        }
        ByteBuffer content = in.slice();
        // By the supertype: on older Android ByteBuffer has neither of its own.
        ((Buffer) content).limit((int) count);
        ((Buffer) in).position(in.position() + (int) count);
        return content;
    }

    private ModelException refused(String why) {
        return new ModelException(
                ModelException.Code.NOT_PRIVATE,
                "The graph "
                        + name
                        + " could keep something of one private text for the next: "
                        + why
                        + "; build the package anew");
    }

    /** A field of a message: a number, or content. */
    private final class Field {
        private final int number;
        private final long value;
        private final @Nullable ByteBuffer content;

        Field(int number, long value, @Nullable ByteBuffer content) {
            this.number = number;
            this.value = value;
            this.content = content;
        }

        ByteBuffer content() {
            if (content == null) {
                throw refused("it is not in ONNX's format");
            }
            return content;
        }

        String text() {
            return StandardCharsets.UTF_8.decode(content().duplicate()).toString();
        }
    }
}
