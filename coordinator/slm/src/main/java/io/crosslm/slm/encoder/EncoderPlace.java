package io.crosslm.slm.encoder;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A folder, or a zip or jar, in which an encoder lies: one .onnx file, and one that is called
 * tokenizer.json or ends so. Immutable.
 */
final class EncoderPlace {
    private static final String GRAPH_ENDING = ".onnx";
    private static final String TOKENIZER_ENDING = "tokenizer.json";

    private final Path path;
    private final String graph;
    private final String tokenizer;

    private EncoderPlace(Path path, String graph, String tokenizer) {
        this.path = path;
        this.graph = graph;
        this.tokenizer = tokenizer;
    }

    /**
     * Looks for the two files.
     *
     * @throws IOException if the place cannot be read or does not hold one of each
     */
    static EncoderPlace find(Path path) throws IOException {
        List<String> names = Files.isDirectory(path) ? inFolder(path) : inArchive(path);
        return new EncoderPlace(
                path,
                only(names, name -> name.endsWith(GRAPH_ENDING), "file ending in " + GRAPH_ENDING),
                only(
                        names,
                        name -> name.endsWith(TOKENIZER_ENDING),
                        "file ending in " + TOKENIZER_ENDING));
    }

    private static List<String> inFolder(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
        }
    }

    private static List<String> inArchive(Path archive) throws IOException {
        if (!Files.exists(archive)) {
            throw new NoSuchFileException(archive.toString());
        }
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            return zip.stream().map(ZipEntry::getName).toList();
        }
    }

    private static String only(List<String> names, Predicate<String> wanted, String what)
            throws IOException {
        List<String> found = names.stream().filter(wanted).toList();
        if (found.size() != 1) {
            throw new IOException("expected one " + what + ", found " + found);
        }
        return found.get(0);
    }

    /** The graph's file name without its ending. */
    String name() {
        String file = graph.substring(graph.lastIndexOf('/') + 1);
        return file.substring(0, file.length() - GRAPH_ENDING.length());
    }

    InputStream graph() throws IOException {
        return open(graph);
    }

    InputStream tokenizer() throws IOException {
        return open(tokenizer);
    }

    /** What a folder says beside the graph; a zip or jar says nothing. */
    Optional<Pooling> pooling() {
        return Files.isDirectory(path) ? Pooling.beside(path.resolve(graph)) : Optional.empty();
    }

    private InputStream open(String name) throws IOException {
        if (Files.isDirectory(path)) {
            return Files.newInputStream(path.resolve(name));
        }
        ZipFile zip = new ZipFile(path.toFile());
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            zip.close();
            throw new NoSuchFileException(path + "!" + name);
        }
        return new FilterInputStream(zip.getInputStream(entry)) {
            @Override
            public void close() throws IOException {
                zip.close();
            }
        };
    }

    /** Changes when a file does, as far as sizes and times tell. */
    String version() throws IOException {
        if (!Files.isDirectory(path)) {
            return version(path);
        }
        String version = version(path.resolve(graph)) + " " + version(path.resolve(tokenizer));
        Optional<Path> pooling = Pooling.configBeside(path.resolve(graph));
        return pooling.isEmpty() ? version : version + " " + version(pooling.get());
    }

    private static String version(Path file) throws IOException {
        return Files.size(file) + "@" + Files.getLastModifiedTime(file).toMillis();
    }
}
