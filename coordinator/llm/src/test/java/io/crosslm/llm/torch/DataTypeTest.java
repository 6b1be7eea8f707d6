package io.crosslm.llm.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crosslm.llm.torch.TorchSettings.DataType;
import org.junit.jupiter.api.Test;

class DataTypeTest {
    @Test
    void ofProcessor_withBf16Instructions_isBf16() {
        assertThat(DataType.ofProcessor("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 fma\n"))
                .isEqualTo(DataType.BF16);
        assertThat(DataType.ofProcessor("Features\t: fp asimd bf16 i8mm\n"))
                .isEqualTo(DataType.BF16);
    }

    @Test
    void ofProcessor_withoutBf16Instructions_isFp32() {
        assertThat(DataType.ofProcessor("flags\t\t: fpu avx2 avx512f fma\n"))
                .isEqualTo(DataType.FP32);
        assertThat(DataType.ofProcessor("")).isEqualTo(DataType.FP32);
    }

    @Test
    void isPackedBy_bf16_needsAvx512OrItsOwnInstructions() {
        assertThat(DataType.BF16.isPackedBy("flags\t\t: fpu avx2 avx512f fma\n")).isFalse();
        assertThat(DataType.BF16.isPackedBy("flags\t\t: avx512dq avx512bw avx512vl\n")).isTrue();
        assertThat(DataType.BF16.isPackedBy("Features\t: fp asimd bf16\n")).isTrue();
        assertThat(DataType.FP32.isPackedBy("flags\t\t: fpu avx2\n")).isTrue();
    }

    @Test
    void of_unknownId_isRefused() {
        assertThat(DataType.of("bf16")).isEqualTo(DataType.BF16);
        assertThatThrownBy(() -> DataType.of("fp16")).hasMessageContaining("fp16");
    }

    @Test
    void fastest_onGpu_isBf16() {
        assertThat(DataType.fastest("cuda:0")).isEqualTo(DataType.BF16);
    }
}
