package io.crosslm.llm.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import org.jspecify.annotations.Nullable;

/**
 * Program, weights and the adapter in use, in native memory. Confined to the model's thread, and
 * after its end to whoever closes it.
 */
final class Decoder implements AutoCloseable {
    private static final long PACKED_ROWS = 16;

    private final NDManager manager;
    private final Program program;
    private final NDList weights;
    private final ModelConfiguration configuration;
    private final long packedLayers;
    private @Nullable NDList packed;
    private @Nullable AdapterTensors current;
    private Adapter currentSource = Adapter.none();

    private Decoder(
            NDManager manager,
            Program program,
            NDList weights,
            ModelConfiguration configuration,
            TorchSettings settings) {
        this.manager = manager;
        this.program = program;
        this.weights = weights;
        this.configuration = configuration;
        packedLayers = settings.packedLayers() ? configuration.layerCount() : 0;
        packed = settings.device().equals("cpu") ? null : new NDList();
    }

    static Decoder load(ModelFiles files, TorchSettings settings) {
        NDManager manager = TorchEngine.start(settings);
        try {
            Program program = Program.load(manager);
            NDList weights = WeightLoader.load(program, manager, files, settings);
            return new Decoder(manager, program, weights, files.configuration(), settings);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    Program program() {
        return program;
    }

    NDList weights() {
        return weights;
    }

    /**
     * Matrices once more, packed for writing on a CPU, until {@link #unpack}; empty on a GPU and
     * where the processor has no such layout for the data type.
     */
    NDList packed() {
        if (packed == null) {
            packed = program.list(manager, "pack", weights, packedLayers, PACKED_ROWS);
        }
        return packed;
    }

    /** Gives back the memory of the packed matrices. */
    void unpack() {
        if (packed != null && !packed.isEmpty()) {
            packed.close();
            packed = null;
        }
    }

    ModelConfiguration configuration() {
        return configuration;
    }

    /** Arrays of one step; closed with it. */
    NDManager newStep() {
        return manager.newSubManager();
    }

    /** An adapter's tensors; the last one asked for stays in native memory. */
    AdapterTensors adapter(Adapter adapter) {
        if (current == null || currentSource != adapter) {
            AdapterTensors made = AdapterTensors.of(adapter, configuration, manager);
            if (current != null) {
                current.close();
            }
            current = made;
            currentSource = adapter;
        }
        return current;
    }

    long parameterCount() {
        long count = 0;
        for (int i = 0; i < weights.size() - 3; i++) {
            count += weights.get(i).getShape().size();
        }
        return configuration.tiedEmbeddings()
                ? count
                : count + weights.get(weights.size() - 3).getShape().size();
    }

    @Override
    public void close() {
        program.close();
        manager.close();
    }
}
