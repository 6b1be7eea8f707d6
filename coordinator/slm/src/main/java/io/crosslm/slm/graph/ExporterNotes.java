package io.crosslm.slm.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.UnknownFieldSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What exporters write beside a model and nobody needs to run it: documentation, metadata and
 * fields that this version of the format does not know. PyTorch's exporter puts a stack trace with
 * each node, with the paths of the machine that it ran on: packages go to every device, these must
 * not.
 *
 * <p>One of PyTorch's notes is of use, the module that a node comes from ({@code
 * pkg.torch.onnx.name_scopes}): by it layers are named whose weights lost their names.
 */
final class ExporterNotes {
    private static final String SCOPES = "pkg.torch.onnx.name_scopes";
    private static final Pattern QUOTED = Pattern.compile("'([^']*)'");

    private ExporterNotes() {}

    /**
     * A node without notes. Its name becomes {@code /module/name} where the notes say the module,
     * which is how PyTorch's older exporter names nodes.
     */
    static NodeProto removed(NodeProto node) {
        NodeProto.Builder bare =
                node.toBuilder()
                        .clearDocString()
                        .clearMetadataProps()
                        .setUnknownFields(UnknownFieldSet.getDefaultInstance());
        if (!node.getName().isEmpty() && node.getName().indexOf('/') < 0) {
            module(node).ifPresent(path -> bare.setName("/" + path + "/" + node.getName()));
        }
        return bare.build();
    }

    static TensorProto removed(TensorProto tensor) {
        return tensor.toBuilder()
                .clearDocString()
                .clearMetadataProps()
                .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                .build();
    }

    static ValueInfoProto removed(ValueInfoProto value) {
        return value.toBuilder()
                .clearDocString()
                .clearMetadataProps()
                .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                .build();
    }

    private static Optional<String> module(NodeProto node) {
        return node.getMetadataPropsList().stream()
                .filter(note -> note.getKey().equals(SCOPES))
                .findFirst()
                .flatMap(note -> innermost(note.getValue()));
    }

    /** Of {@code ['', 'encoder', 'encoder.dense', 'linear']} the last but one. */
    private static Optional<String> innermost(String scopes) {
        List<String> names = new ArrayList<>();
        Matcher matcher = QUOTED.matcher(scopes);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names.size() < 2
                ? Optional.empty()
                : Optional.of(names.get(names.size() - 2)).filter(name -> !name.isEmpty());
    }
}
