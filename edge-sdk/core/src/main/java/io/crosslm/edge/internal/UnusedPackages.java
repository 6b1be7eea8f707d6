package io.crosslm.edge.internal;

import io.crosslm.edge.store.StorageDirectory;
import io.crosslm.protocol.Sha256;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ArtifactReference;
import io.crosslm.protocol.wire.EnginePackage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes packages, and downloads that were broken off, which neither a task's announcement nor one
 * of its models names. One that is wanted again is fetched again.
 */
final class UnusedPackages {
    private static final Logger log = LoggerFactory.getLogger(UnusedPackages.class);

    private UnusedPackages() {}

    /** Before a client works in the directory. What cannot be read or deleted stays. */
    static void delete(StorageDirectory storage) {
        try {
            Set<String> used = used(storage);
            deleteOthers(storage.packages(), used);
            deleteOthers(storage.downloads(), used);
        } catch (IOException e) {
            log.warn("packages that are not used any more stay on the disk: {}", e.getMessage());
        }
    }

    /** SHA-256 of packages in hexadecimal. */
    private static Set<String> used(StorageDirectory storage) throws IOException {
        Set<String> used = new HashSet<>();
        for (String task : storage.taskNames()) {
            Path directory = storage.task(task);
            Announcement announcement = TaskInbox.announced(directory);
            if (announcement != null) {
                add(announcement.getSlmPackage(), used);
                for (EnginePackage one : announcement.getEnginePackagesList()) {
                    add(one.getSlmPackage(), used);
                }
            }
            ModelStore models = new ModelStore(directory);
            add(models.privateModel(), used);
            add(models.appModel(), used);
        }
        return used;
    }

    private static void add(ArtifactReference reference, Set<String> used) {
        if (!reference.getSha256().isEmpty()) {
            used.add(Sha256.of(reference.getSha256().toByteArray()).hex());
        }
    }

    private static void add(ModelStore.@Nullable Stored model, Set<String> used) {
        if (model != null) {
            used.add(model.packageSha256());
        }
    }

    /** What lies there is named by a SHA-256, with or without an ending. */
    private static void deleteOthers(Path directory, Set<String> used) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
            for (Path child : children) {
                String name = String.valueOf(child.getFileName());
                int end = name.indexOf('.');
                if (!used.contains(end < 0 ? name : name.substring(0, end))) {
                    StorageDirectory.delete(child);
                }
            }
        }
    }
}
