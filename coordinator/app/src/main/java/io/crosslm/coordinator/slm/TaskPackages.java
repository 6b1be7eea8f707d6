package io.crosslm.coordinator.slm;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Builds a task's package when a round first asks for it and keeps it as an artifact. Tasks with
 * the same labels share one. Thread-safe.
 */
public final class TaskPackages implements SlmPackages {
    private final EncoderSource encoder;
    private final ArtifactStore artifacts;
    private final Path folder;
    private final ReentrantLock building = new ReentrantLock();

    /**
     * Packages on an encoder.
     *
     * @param folder for the list of what was built
     */
    public TaskPackages(EncoderSource encoder, ArtifactStore artifacts, Path folder) {
        this.encoder = encoder;
        this.artifacts = artifacts;
        this.folder = folder;
    }

    @Override
    public ArtifactReference packageFor(TaskDefinition task, String engine) {
        // One at a time: a build holds the encoder's weights in memory.
        building.lock();
        try {
            Path note = folder.resolve(key(task, engine).hex());
            Optional<Sha256> built = builtBefore(note);
            return reference(built.isPresent() ? built.get() : build(task, engine, note));
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.NO_DISK,
                    "cannot keep the small model's package in "
                            + folder
                            + " ("
                            + e.getMessage()
                            + "); is the disk full?",
                    e);
        } finally {
            building.unlock();
        }
    }

    private Sha256 build(TaskDefinition task, String engine, Path note) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, "package", ".zip");
        try {
            if (engine.equals(LightPackageBuilder.ENGINE)) {
                LightPackageBuilder.of(task.labelNames()).build(file);
            } else {
                SlmPackageBuilder.of(encoder, task.labelNames()).mode(mode(task)).build(file);
            }
            Sha256 name;
            try (InputStream in = Files.newInputStream(file)) {
                name = artifacts.put(in);
            }
            Path part = note.resolveSibling(note.getFileName() + ".part");
            Files.writeString(part, name.hex());
            Files.move(part, note, StandardCopyOption.ATOMIC_MOVE);
            return name;
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private Optional<Sha256> builtBefore(Path note) throws IOException {
        if (!Files.exists(note)) {
            return Optional.empty();
        }
        return Optional.of(Sha256.ofHex(Files.readString(note)))
                .filter(name -> artifacts.find(name).isPresent());
    }

    private ArtifactReference reference(Sha256 name) throws IOException {
        Path file = artifacts.find(name).orElseThrow();
        return ArtifactReference.newBuilder()
                .setSha256(ByteString.copyFrom(name.bytes()))
                .setSizeBytes(Files.size(file))
                .setMediaType(ContentTypes.SLM_PACKAGE)
                .addUrls("/v1/artifacts/" + name.hex())
                .build();
    }

    /** What a package depends on; line breaks keep the labels apart, no label has one. */
    private Sha256 key(TaskDefinition task, String engine) {
        // A light model has neither encoder nor mode.
        boolean light = engine.equals(LightPackageBuilder.ENGINE);
        String settings =
                String.join(
                        "\n",
                        "format " + SlmPackageBuilder.FORMAT_VERSION,
                        "engine " + engine,
                        light ? "" : encoder.name(),
                        light ? "" : task.settings().slmMode().word(),
                        String.join("\n", task.labelNames()));
        return Sha256.hash(settings.getBytes(StandardCharsets.UTF_8));
    }

    private static SlmMode mode(TaskDefinition task) {
        return switch (task.settings().slmMode()) {
            case HEAD -> SlmMode.HEAD;
            case LORA -> SlmMode.LORA;
            case FULL -> SlmMode.FULL;
            case BIAS -> SlmMode.BIAS;
        };
    }
}
