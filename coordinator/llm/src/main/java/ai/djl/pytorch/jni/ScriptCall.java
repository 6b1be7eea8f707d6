package ai.djl.pytorch.jni;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls any method of a TorchScript module.
 *
 * <p>In this package because the library's natives are open to it only; its own door calls the
 * method "forward" alone.
 */
public final class ScriptCall {
    private static final PyTorchLibrary LIBRARY = PyTorchLibrary.LIB;

    private ScriptCall() {}

    /**
     * Runs a method on the calling thread, in that thread's grad mode.
     *
     * @param results owns the arrays that come back
     * @param arguments NDArray, NDList (a list of tensors), long[] (a list of integers), Long,
     *     Double, or String
     */
    public static NDList run(
            PtSymbolBlock module, String method, PtNDManager results, Object... arguments) {
        long[] handles = new long[arguments.length];
        try {
            for (int i = 0; i < handles.length; i++) {
                handles[i] = handle(arguments[i]);
            }
            // "train" only means that grad mode is left as it is; the other value would make
            // inference tensors, which can never enter a computation with gradients.
            long result = LIBRARY.moduleRunMethod(module.getHandle(), method, handles, true, false);
            try (IValue value = new IValue(result)) {
                return value.toNDList(results);
            }
        } finally {
            for (long handle : handles) {
                if (handle != 0) {
                    LIBRARY.torchDeleteIValue(handle);
                }
            }
        }
    }

    private static long handle(Object argument) {
        if (argument instanceof NDArray) {
            return LIBRARY.iValueFromTensor(((PtNDArray) argument).getHandle());
        }
        if (argument instanceof NDList) {
            NDList list = (NDList) argument;
            long[] tensors = new long[list.size()];
            for (int i = 0; i < tensors.length; i++) {
                tensors[i] = ((PtNDArray) list.get(i)).getHandle();
            }
            return LIBRARY.iValueFromTensorList(tensors);
        }
        if (argument instanceof long[]) {
            return LIBRARY.iValueFromLongList((long[]) argument);
        }
        if (argument instanceof Long) {
            return LIBRARY.iValueFromLong((Long) argument);
        }
        if (argument instanceof Double) {
            return LIBRARY.iValueFromDouble((Double) argument);
        }
        if (argument instanceof String) {
            return LIBRARY.iValueFromString((String) argument);
        }
        throw new IllegalArgumentException("No TorchScript value for " + argument.getClass());
    }
}
