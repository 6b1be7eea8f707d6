package io.crosslm.llm.torch;

import java.nio.file.Path;
import java.util.OptionalLong;

/** Tells how much memory a process may still take. */
public interface MemorySource {
    /** Bytes that can be had without driving others out; nothing where that is not known. */
    OptionalLong availableBytes();

    /** What Linux says of the machine, and of the container if it is in one. */
    static MemorySource system() {
        return new SystemMemory(Path.of("/"));
    }
}
