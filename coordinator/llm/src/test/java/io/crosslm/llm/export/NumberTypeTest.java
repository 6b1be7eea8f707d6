package io.crosslm.llm.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

final class NumberTypeTest {
    @Test
    void float16_knownValues_areTheirBits() {
        assertThat(NumberType.float16(0f)).isEqualTo((short) 0);
        assertThat(NumberType.float16(-0f)).isEqualTo((short) 0x8000);
        assertThat(NumberType.float16(1f)).isEqualTo((short) 0x3c00);
        assertThat(NumberType.float16(-2.5f)).isEqualTo((short) 0xc100);
        assertThat(NumberType.float16(65504f)).isEqualTo((short) 0x7bff);
        assertThat(NumberType.float16(0x1p-14f)).isEqualTo((short) 0x0400);
        assertThat(NumberType.float16(0x1p-24f)).isEqualTo((short) 0x0001);
    }

    @Test
    void float16_halfWay_goesToTheEvenOne() {
        assertThat(NumberType.float16(1 + 0x1p-11f)).isEqualTo((short) 0x3c00);
        assertThat(NumberType.float16(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3c02);
        assertThat(NumberType.float16(0x1p-25f)).isEqualTo((short) 0);
        assertThat(NumberType.float16(3 * 0x1p-25f)).isEqualTo((short) 2);
        // The largest below 2^-14 rounds up into the normal numbers.
        assertThat(NumberType.float16(Math.nextDown(0x1p-14f))).isEqualTo((short) 0x0400);
    }

    @Test
    void float16_everyNumber_isReadBack() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            float value =
                    bits < 0x400
                            ? bits * 0x1p-24f
                            : Float.intBitsToFloat((bits >> 10) + 112 << 23 | (bits & 1023) << 13);
            assertThat(NumberType.float16(value)).isEqualTo((short) bits);
        }
    }

    @Test
    void bfloat16_halfWay_goesToTheEvenOne() {
        assertThat(NumberType.bfloat16(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f80);
        assertThat(NumberType.bfloat16(Float.intBitsToFloat(0x3f818000))).isEqualTo((short) 0x3f82);
        assertThat(NumberType.bfloat16(Float.NaN) & 0x7fff).isGreaterThan(0x7f80);
    }

    @Test
    void put_tooLarge_saysSo() {
        ByteBuffer out = ByteBuffer.allocate(16);

        assertThat(NumberType.F16.put(65519f, out)).isTrue();
        assertThat(NumberType.F16.put(65520f, out)).isFalse();
        assertThat(NumberType.F16.put(Float.POSITIVE_INFINITY, out)).isTrue();
        assertThat(NumberType.BF16.put(Float.MAX_VALUE, out)).isFalse();
    }
}
