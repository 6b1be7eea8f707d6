package io.crosslm.slm.encoder;

import io.crosslm.slm.SlmException;
import io.crosslm.slm.SlmException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** The files of a BERT-type encoder: an ONNX graph and its tokenizer.json. Immutable. */
public final class EncoderSource {
    private static final String MINILM = "/all-minilm-l6-v2";
    private static final long MAXIMUM_BYTES = 1L << 30;

    private final String name;
    private final String version;
    private final String licence;
    private final Contents contents;

    private EncoderSource(String name, String version, String licence, Contents contents) {
        this.name = name;
        this.version = version;
        this.licence = licence;
        this.contents = contents;
    }

    /** all-MiniLM-L6-v2, float32, out of its jar on the class path. */
    public static EncoderSource miniLm() {
        return new EncoderSource(
                "all-minilm-l6-v2",
                "",
                "Apache-2.0",
                new Contents(
                        () -> resource(MINILM + ".onnx"),
                        () -> resource(MINILM + "-tokenizer.json"),
                        () -> Optional.of(Pooling.MEAN)));
    }

    /** An encoder in files. */
    public static EncoderSource files(String name, String licence, Path graph, Path tokenizer) {
        return new EncoderSource(
                name,
                "",
                licence,
                new Contents(
                        () -> Files.newInputStream(graph),
                        () -> Files.newInputStream(tokenizer),
                        () -> Pooling.beside(graph)));
    }

    /**
     * An encoder in a folder, or in a zip or jar, that holds one .onnx file and one whose name ends
     * in tokenizer.json. The encoder has the .onnx file's name.
     *
     * @throws SlmException BAD_ENCODER if the place cannot be read or does not hold these two
     */
    public static EncoderSource at(Path place, String licence) {
        try {
            EncoderPlace found = EncoderPlace.find(place);
            return new EncoderSource(
                    found.name(),
                    found.version(),
                    licence,
                    new Contents(found::graph, found::tokenizer, found::pooling));
        } catch (NoSuchFileException e) {
            throw new SlmException(
                    Code.BAD_ENCODER, "there is no encoder at " + place + ": no such file", e);
        } catch (IOException e) {
            throw new SlmException(
                    Code.BAD_ENCODER, "there is no encoder at " + place + ": " + e.getMessage(), e);
        }
    }

    private static InputStream resource(String path) throws IOException {
        InputStream in = EncoderSource.class.getResourceAsStream(path);
        if (in == null) {
            throw new IOException(path + " is not on the class path; is the MiniLM jar there?");
        }
        return in;
    }

    public String name() {
        return name;
    }

    /** Another text where the files of an encoder of this name may be others; else empty. */
    public String version() {
        return version;
    }

    /** SPDX identifier. */
    public String licence() {
        return licence;
    }

    /**
     * The pooling that the encoder was trained with, as far as Sentence Transformers' file {@code
     * 1_Pooling/config.json} beside it says.
     *
     * @throws SlmException if that file is malformed or asks for another pooling than there is
     */
    public Optional<Pooling> pooling() {
        return contents.pooling.get();
    }

    /** The ONNX file's bytes. */
    public byte[] graph() {
        return read(contents.graph, "the ONNX graph");
    }

    /** The text of tokenizer.json. */
    public String tokenizerJson() {
        return new String(read(contents.tokenizer, "the tokenizer.json"), StandardCharsets.UTF_8);
    }

    private static int size(Opener opener) throws IOException {
        try (InputStream in = opener.open()) {
            long size = in.transferTo(OutputStream.nullOutputStream());
            if (size == 0 || size > MAXIMUM_BYTES) {
                throw new IOException("it has no bytes, or more than " + MAXIMUM_BYTES);
            }
            return (int) size;
        }
    }

    private byte[] read(Opener opener, String what) {
        try {
            // Counted first: a buffer that grows would take the memory twice.
            byte[] bytes = new byte[size(opener)];
            try (InputStream in = opener.open()) {
                if (in.readNBytes(bytes, 0, bytes.length) != bytes.length || in.read() >= 0) {
                    throw new IOException("it changed while it was read");
                }
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw cannotRead(what, "there is no file " + e.getFile(), e);
        } catch (IOException e) {
            throw cannotRead(what, String.valueOf(e.getMessage()), e);
        }
    }

    private SlmException cannotRead(String what, String why, IOException cause) {
        return new SlmException(
                Code.BAD_ENCODER, "cannot read " + what + " of " + name + ": " + why, cause);
    }

    @FunctionalInterface
    private interface Opener {
        InputStream open() throws IOException;
    }

    /** Where what an encoder is made of comes from; each is read anew when it is asked for. */
    private record Contents(Opener graph, Opener tokenizer, Supplier<Optional<Pooling>> pooling) {}
}
