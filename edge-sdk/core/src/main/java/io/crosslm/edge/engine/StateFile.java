package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes files of a model's state, and arrays in them. Numbers are big-endian. */
final class StateFile {
    private StateFile() {}

    /**
     * Writes a file so that after a crash either the old or the new content is there. Only the
     * owner may read it. What was written of one that failed is taken away again.
     *
     * @throws ModelException if it cannot be written
     */
    static void write(Path file, Content content) {
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(
                            temporary,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                makePrivate(temporary);
                content.writeTo(Channels.newOutputStream(channel));
                channel.force(true);
            }
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // A disk that it filled up is needed for what tells of it.
            deleteAfter(e, temporary);
            throw new ModelException(
                    ModelException.Code.STORAGE,
                    "The model's state cannot be written to " + file + "; is the disk full?",
                    e);
        }
    }

    /** Private texts trained what is in it. */
    private static void makePrivate(Path file) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view != null) {
            view.setPermissions(PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static void deleteAfter(IOException failure, Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /** A name, a count and the values. */
    static void writeValues(DataOutputStream out, String name, float[] values) throws IOException {
        out.writeUTF(name);
        out.writeInt(values.length);
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
        bytes.asFloatBuffer().put(values);
        out.write(bytes.array());
    }

    /** Values without their count. */
    static float[] readValues(DataInputStream in, int count) throws IOException {
        byte[] bytes = new byte[4 * count];
        in.readFully(bytes);
        float[] values = new float[count];
        ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
        return values;
    }

    /** What a file holds. */
    interface Content {
        void writeTo(OutputStream out) throws IOException;
    }
}
