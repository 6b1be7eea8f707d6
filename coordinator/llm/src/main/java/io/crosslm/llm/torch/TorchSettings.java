package io.crosslm.llm.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * How a model computes.
 *
 * @param dataType of weights and activations; adapters, losses and optimiser are always float32
 * @param device "cpu", or "cuda:N" where such a PyTorch is on the class path
 * @param threads of one computation; 0 takes one per processor core
 * @param packedLayers whether the layers' matrices are there once more while texts are written on a
 *     CPU, in a layout that is faster there; without, the output matrix alone is
 */
public record TorchSettings(DataType dataType, String device, int threads, boolean packedLayers) {
    public TorchSettings {
        if (!device.equals("cpu") && !device.matches("cuda:\\d{1,3}")) {
            throw new IllegalArgumentException("device must be cpu or cuda:N but is " + device);
        }
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads must be in 0 to 1024 but is " + threads);
        }
    }

    /** With packed layers. */
    public TorchSettings(DataType dataType, String device, int threads) {
        this(dataType, device, threads, true);
    }

    /** float32 on the CPU with all cores and packed layers. */
    public static TorchSettings defaults() {
        return new TorchSettings(DataType.FP32, "cpu", 0);
    }

    /** The same with another data type. */
    public TorchSettings withDataType(DataType other) {
        return new TorchSettings(other, device, threads, packedLayers);
    }

    /** The same with the layers' matrices packed or not. */
    public TorchSettings withPackedLayers(boolean packed) {
        return new TorchSettings(dataType, device, threads, packed);
    }

    /** Precision of weights and activations. */
    public enum DataType {
        /** IEEE float32. */
        FP32("fp32", 6),
        /** bfloat16: half the memory; faster only where the processor has instructions for it. */
        BF16("bf16", 15);

        private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
        private static final Set<String> BF16_FLAGS = Set.of("avx512_bf16", "amx_bf16", "bf16");
        // What oneDNN asks for before it lays bfloat16 matrices out for itself.
        private static final List<String> BF16_LAYOUT_FLAGS =
                List.of("avx512bw", "avx512vl", "avx512dq");

        private final String id;
        private final int scalarType;

        DataType(String id, int scalarType) {
            this.id = id;
            this.scalarType = scalarType;
        }

        /** As written in configuration: fp32 or bf16. */
        public String id() {
            return id;
        }

        /** PyTorch's number of the type. */
        long scalarType() {
            return scalarType;
        }

        /** bf16 on a GPU; on the CPU as {@link #ofThisProcessor}. */
        public static DataType fastest(String device) {
            return device.equals("cpu") ? ofThisProcessor() : BF16;
        }

        /** bf16 where this machine's processor multiplies bfloat16 matrices, else fp32. */
        public static DataType ofThisProcessor() {
            try {
                return ofProcessor(Files.readString(CPU_INFO));
            } catch (IOException e) {
                return FP32; // Not Linux: float32 computes everywhere.
            }
        }

        /** {@link #ofThisProcessor} by what Linux says of the processor. */
        static DataType ofProcessor(String cpuInfo) {
            return Collections.disjoint(flags(cpuInfo), BF16_FLAGS) ? FP32 : BF16;
        }

        /** Whether this machine's processor has a layout of its own for matrices of this type. */
        boolean isPackedByThisProcessor() {
            try {
                return isPackedBy(Files.readString(CPU_INFO));
            } catch (IOException e) {
                return this == FP32;
            }
        }

        /** {@link #isPackedByThisProcessor} by what Linux says of the processor. */
        boolean isPackedBy(String cpuInfo) {
            List<String> flags = flags(cpuInfo);
            return this == FP32
                    || flags.containsAll(BF16_LAYOUT_FLAGS)
                    || flags.contains("avx_ne_convert")
                    || flags.contains("bf16");
        }

        private static List<String> flags(String cpuInfo) {
            for (String line : cpuInfo.split("\n")) {
                if (line.startsWith("flags") || line.startsWith("Features")) {
                    return Arrays.asList(line.split("\\s+"));
                }
            }
            return List.of();
        }

        /**
         * The type of this id.
         *
         * @throws IllegalArgumentException if there is none
         */
        public static DataType of(String id) {
            for (DataType type : values()) {
                if (type.id.equals(id)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("data type must be fp32 or bf16 but is " + id);
        }
    }
}
