package io.crosslm.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes what an agent needs: data whose texts hold a canary, and a config file. */
final class AgentFiles {
    /** Stands in every private text; no output may show it. */
    static final String CANARY = "canary7";

    private final Path directory;

    AgentFiles(Path directory) {
        this.directory = directory;
    }

    Path storage() {
        return directory.resolve("state");
    }

    /** A config file with these lines more than the smallest. */
    Path config(String coordinator, String... moreLines) throws IOException {
        Files.writeString(
                directory.resolve("train.csv"),
                "text,label\n" + CANARY + " one,a\n" + CANARY + " two,b\n" + CANARY + " three,a\n");
        return Files.writeString(
                directory.resolve("agent.properties"),
                "coordinator = "
                        + coordinator
                        + "\nstorage = state\ntask.demo.training = train.csv\n"
                        + String.join("\n", moreLines)
                        + "\n");
    }
}
