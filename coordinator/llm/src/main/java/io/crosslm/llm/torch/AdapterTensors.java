package io.crosslm.llm.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.crosslm.llm.Adapter;
import io.crosslm.llm.LanguageModelException;
import io.crosslm.llm.LanguageModelException.Code;
import io.crosslm.llm.format.ModelConfiguration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** An adapter's matrices in native memory, in the program's order. */
final class AdapterTensors implements AutoCloseable {
    private final Adapter source;
    private final ModelConfiguration model;
    private final NDManager owner;
    private final NDList tensors;
    private final NDList trained;

    private AdapterTensors(
            Adapter source,
            ModelConfiguration model,
            NDManager owner,
            NDList tensors,
            NDList trained) {
        this.source = source;
        this.model = model;
        this.owner = owner;
        this.tensors = tensors;
        this.trained = trained;
    }

    /**
     * Copies an adapter into native memory.
     *
     * @throws LanguageModelException if it does not fit the model
     */
    static AdapterTensors of(Adapter adapter, ModelConfiguration model, NDManager parent) {
        return of(adapter, 0, model, parent);
    }

    /**
     * Copies an adapter that is to be trained into native memory.
     *
     * @param dropout share of inputs that it does not see
     * @throws LanguageModelException if it does not fit the model
     */
    static AdapterTensors of(
            Adapter adapter, double dropout, ModelConfiguration model, NDManager parent) {
        checkFits(adapter, model);
        NDManager owner = parent.newSubManager();
        NDList tensors = new NDList();
        NDList trained = new NDList();
        for (int layer = 0; !adapter.isNone() && layer < model.layerCount(); layer++) {
            for (int part = 0; part < LayerNames.LINEARS.size(); part++) {
                String name = LayerNames.linear(layer, part);
                if (adapter.layers().contains(name)) {
                    Adapter.Matrices matrices = adapter.matrices(name);
                    int rank = adapter.rank();
                    NDArray a = owner.create(matrices.a(), new Shape(rank, matrices.in()));
                    NDArray b = owner.create(matrices.b(), new Shape(matrices.out(), rank));
                    trained.add(a);
                    trained.add(b);
                    tensors.add(a);
                    tensors.add(b);
                } else {
                    tensors.add(owner.create(new Shape(0)));
                    tensors.add(owner.create(new Shape(0)));
                }
            }
        }
        if (!adapter.isNone()) {
            tensors.add(dropout > 0 ? owner.create((float) dropout) : owner.create(new Shape(0)));
        }
        return new AdapterTensors(adapter, model, owner, tensors, trained);
    }

    private static void checkFits(Adapter adapter, ModelConfiguration model) {
        Set<String> unknown = new HashSet<>(adapter.layers());
        for (int layer = 0; layer < model.layerCount(); layer++) {
            for (int part = 0; part < LayerNames.LINEARS.size(); part++) {
                String name = LayerNames.linear(layer, part);
                if (unknown.remove(name)) {
                    Adapter.Matrices matrices = adapter.matrices(name);
                    int in = LayerNames.in(model, part);
                    int out = LayerNames.out(model, part);
                    if (matrices.in() != in || matrices.out() != out) {
                        throw new LanguageModelException(
                                Code.BAD_ADAPTER,
                                name
                                        + " of the adapter goes from "
                                        + matrices.in()
                                        + " to "
                                        + matrices.out()
                                        + " values, of the model from "
                                        + in
                                        + " to "
                                        + out
                                        + "; use an adapter that was made for this model");
                    }
                }
            }
        }
        if (!unknown.isEmpty()) {
            throw new LanguageModelException(
                    Code.BAD_ADAPTER,
                    "The adapter has layers that the model has not: "
                            + unknown.stream().sorted().limit(3).toList());
        }
    }

    /** The program's adapter list; empty for no adapter. */
    NDList tensors() {
        return tensors;
    }

    /** Only the matrices that are there: A and B of each adapted layer. */
    NDList trained() {
        return trained;
    }

    double scale() {
        return source.scale();
    }

    NDManager manager() {
        return owner;
    }

    /** The matrices as they are now. */
    Adapter toAdapter() {
        Map<String, Adapter.Matrices> layers = new LinkedHashMap<>();
        int next = 0;
        for (int layer = 0; layer < model.layerCount(); layer++) {
            for (int part = 0; part < LayerNames.LINEARS.size(); part++) {
                String name = LayerNames.linear(layer, part);
                if (source.layers().contains(name)) {
                    float[] a = trained.get(next++).toFloatArray();
                    float[] b = trained.get(next++).toFloatArray();
                    layers.put(
                            name,
                            new Adapter.Matrices(
                                    LayerNames.in(model, part), LayerNames.out(model, part), a, b));
                }
            }
        }
        return Adapter.of(source.rank(), source.alpha(), layers);
    }

    @Override
    public void close() {
        owner.close();
    }
}
