package io.crosslm.llm.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.format.ModelConfiguration;
import io.crosslm.llm.format.ModelFiles;
import org.jspecify.annotations.Nullable;

/** Program, weights and the adapter in use, in native memory. Confined to the model's thread. */
final class Decoder implements AutoCloseable {
    private static final long PACKED_ROWS = 16;

    private final NDManager manager;
    private final Program program;
    private final NDList weights;
    private final NDList packed;
    private final ModelConfiguration configuration;
    private @Nullable AdapterTensors current;
    private Adapter currentSource = Adapter.none();

    private Decoder(
            NDManager manager,
            Program program,
            NDList weights,
            NDList packed,
            ModelConfiguration configuration) {
        this.manager = manager;
        this.program = program;
        this.weights = weights;
        this.packed = packed;
        this.configuration = configuration;
    }

    static Decoder load(ModelFiles files, TorchSettings settings) {
        NDManager manager = TorchEngine.start(settings);
        try {
            Program program = Program.load(manager);
            NDList weights = WeightLoader.load(program, manager, files, settings);
            NDList packed = new NDList();
            if (settings.device().equals("cpu")) {
                packed.add(program.tensor(manager, "pack", weights, PACKED_ROWS));
            }
            return new Decoder(manager, program, weights, packed, files.configuration());
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

    /** The output matrix once more, packed for drawing, on a CPU; else empty. */
    NDList packed() {
        return packed;
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
