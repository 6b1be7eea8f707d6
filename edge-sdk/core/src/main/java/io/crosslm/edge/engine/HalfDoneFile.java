package io.crosslm.edge.engine;

import io.crosslm.edge.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where one training is kept while it is half done. */
final class HalfDoneFile {
    private final Path file;
    private final byte[] key;

    /** A file; key is that of {@link TrainingKey}. */
    HalfDoneFile(Path file, byte[] key) {
        this.file = file;
        this.key = key;
    }

    /** What was kept of this training; null if nothing was. */
    @Nullable HalfDoneTraining read(Parameters like) {
        return HalfDoneTraining.read(file, key, like);
    }

    void write(HalfDoneTraining training) {
        training.write(file, key);
    }

    /** Takes it away: the training is done, or what is there is of another one. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new ModelException(
                    ModelException.Code.STORAGE,
                    "The half-done training " + file + " cannot be deleted",
                    e);
        }
    }
}
