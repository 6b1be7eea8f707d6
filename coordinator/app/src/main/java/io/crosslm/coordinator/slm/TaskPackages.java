package io.crosslm.coordinator.slm;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.SYNC;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.protobuf.ByteString;
import io.crosslm.coordinator.CoordinatorException;
import io.crosslm.coordinator.CoordinatorException.Code;
import io.crosslm.coordinator.artifact.ArtifactStore;
import io.crosslm.coordinator.round.SlmPackages;
import io.crosslm.coordinator.task.SmallModel;
import io.crosslm.coordinator.task.TaskDefinition;
import io.crosslm.protocol.ContentTypes;
import io.crosslm.protocol.PrivacyMode;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.slm.SlmException;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.LightModel;
import io.crosslm.slm.pack.LightPackageBuilder;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import io.crosslm.slm.pack.SlmPackageBuilder.Extra;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Builds the package of a task's model when a round first asks for it and keeps it as an artifact.
 * Tasks with the same labels share one. Thread-safe.
 */
public final class TaskPackages implements SlmPackages {
    private static final System.Logger LOG = System.getLogger(TaskPackages.class.getName());
    private static final String UNFINISHED = "{package*.zip,*.part}";

    private final Encoders encoders;
    private final ArtifactStore artifacts;
    private final Path folder;
    private final ReentrantLock building = new ReentrantLock();
    private boolean cleared; // guarded by building

    /**
     * Packages on encoders.
     *
     * @param folder for the list of what was built
     */
    public TaskPackages(Encoders encoders, ArtifactStore artifacts, Path folder) {
        this.encoders = encoders;
        this.artifacts = artifacts;
        this.folder = folder;
    }

    @Override
    public ArtifactReference packageFor(TaskDefinition task, SmallModel model) {
        // One at a time: a build holds the encoder's weights in memory.
        building.lock();
        try {
            clearUnfinished();
            Path note = folder.resolve(key(task, model).hex());
            Optional<Sha256> built = builtBefore(note);
            return reference(built.isPresent() ? built.get() : build(task, model, note));
        } catch (SlmException e) {
            throw SlmFailures.of("cannot build the package of model " + model.name(), e);
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

    @Override
    public void check(TaskDefinition task) {
        for (SmallModel model : task.settings().models()) {
            if (model instanceof SmallModel.OnEncoder one) {
                encoders.named(one.encoder());
            }
        }
    }

    @Override
    public void deleteSuperseded(Supplier<List<TaskDefinition>> tasks, Set<Sha256> needed) {
        if (!building.tryLock()) {
            return;
        }
        try {
            Set<String> present = new HashSet<>();
            for (TaskDefinition task : tasks.get()) {
                for (SmallModel model : task.settings().models()) {
                    present.add(key(task, model).hex());
                }
            }
            deleteAllBut(present, needed);
        } catch (IOException e) {
            throw new CoordinatorException(
                    Code.NO_DISK,
                    "cannot delete packages that are not needed any more, of which "
                            + folder
                            + " has the notes ("
                            + e.getMessage()
                            + ")",
                    e);
        } finally {
            building.unlock();
        }
    }

    private void deleteAllBut(Set<String> present, Set<Sha256> needed) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<Sha256> kept = new HashSet<>(needed);
        List<Path> others = new ArrayList<>();
        try (DirectoryStream<Path> notes = Files.newDirectoryStream(folder, TaskPackages::isNote)) {
            for (Path note : notes) {
                if (present.contains(note.getFileName().toString())) {
                    builtBefore(note).ifPresent(kept::add);
                } else {
                    others.add(note);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        for (Path note : others) {
            Optional<Sha256> built = builtBefore(note);
            if (built.filter(needed::contains).isPresent()) {
                continue;
            }
            // The note last: what is cut off between the two is found again by it.
            built.filter(name -> !kept.contains(name)).ifPresent(artifacts::delete);
            Files.deleteIfExists(note);
            LOG.log(System.Logger.Level.INFO, "Deleted a package that no task has any more");
        }
    }

    /** Throws away, once, what an earlier end left; one coordinator has the folder to itself. */
    private void clearUnfinished() throws IOException {
        if (cleared) {
            return;
        }
        Files.createDirectories(folder);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, UNFINISHED)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        cleared = true;
    }

    private Sha256 build(TaskDefinition task, SmallModel model, Path note) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, "package", ".zip");
        try {
            if (model instanceof SmallModel.OnEncoder one) {
                SlmPackageBuilder builder =
                        SlmPackageBuilder.of(encoders.named(one.encoder()), task.labelNames())
                                .mode(SlmMode.of(one.mode().word()));
                if (isPrivate(task)) {
                    builder.with(Extra.PRIVATE_TRAINING);
                }
                builder.build(file);
            } else if (model instanceof SmallModel.Light one) {
                LightPackageBuilder.of(task.labelNames())
                        .model(LightModel.of(one.model().word()))
                        .build(file);
            }
            Sha256 name;
            try (InputStream in = Files.newInputStream(file)) {
                name = artifacts.put(in);
            }
            Path part = note.resolveSibling(note.getFileName() + ".part");
            // On the disk before it has its name.
            Files.writeString(part, name.hex(), CREATE, TRUNCATE_EXISTING, WRITE, SYNC);
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
        // Any bytes are Latin-1: a loss of power may have left whatever it wants.
        String hex = Files.readString(note, StandardCharsets.ISO_8859_1);
        try {
            return Optional.of(Sha256.ofHex(hex)).filter(name -> artifacts.find(name).isPresent());
        } catch (ProtocolException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    note + " is damaged; the package is built again: " + e.getMessage());
            return Optional.empty();
        }
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
    private Sha256 key(TaskDefinition task, SmallModel model) {
        String what = "";
        if (model instanceof SmallModel.OnEncoder one) {
            EncoderSource encoder = encoders.named(one.encoder());
            what =
                    String.join(
                            "\n",
                            encoder.name() + encoder.version(),
                            encoder.licence(),
                            one.mode().word());
            if (isPrivate(task)) {
                what += " private";
            }
        } else if (model instanceof SmallModel.Light one) {
            what = one.model().word();
        }
        String settings =
                String.join(
                        "\n",
                        "format " + SlmPackageBuilder.FORMAT_VERSION,
                        "revision " + SlmPackageBuilder.REVISION,
                        "engine " + model.engine(),
                        what,
                        String.join("\n", task.labelNames()));
        return Sha256.hash(settings.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isNote(Path file) {
        return file.getFileName().toString().matches("[0-9a-f]{64}");
    }

    private static boolean isPrivate(TaskDefinition task) {
        return task.settings().privacy().mode() == PrivacyMode.DP_SGD;
    }
}
