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
 */
public record TorchSettings(DataType dataType, String device, int threads) {
    public TorchSettings {
        if (!device.equals("cpu") && !device.matches("cuda:\\d{1,3}")) {
            throw new IllegalArgumentException("device must be cpu or cuda:N but is " + device);
        }
        if (threads < 0 || threads > 1024) {
            throw new IllegalArgumentException("threads must be in 0 to 1024 but is " + threads);
        }
    }

    /** float32 on the CPU with all cores. */
    public static TorchSettings defaults() {
        return new TorchSettings(DataType.FP32, "cpu", 0);
    }

    /** The same with another data type. */
    public TorchSettings withDataType(DataType other) {
        return new TorchSettings(other, device, threads);
    }

    /** Precision of weights and activations. */
    public enum DataType {
        /** IEEE float32. */
        FP32("fp32", 6),
        /** bfloat16: half the memory; faster only where the processor has instructions for it. */
        BF16("bf16", 15);

        private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
        private static final Set<String> BF16_FLAGS = Set.of("avx512_bf16", "amx_bf16", "bf16");

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
            for (String line : cpuInfo.split("\n")) {
                if (line.startsWith("flags") || line.startsWith("Features")) {
                    List<String> flags = Arrays.asList(line.split("\\s+"));
                    return Collections.disjoint(flags, BF16_FLAGS) ? FP32 : BF16;
                }
            }
            return FP32;
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
