package io.crosslm.edge.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LogErrorFunctionTest {
    /** Values of SciPy 1.17: log(2) + log_ndtr(-x sqrt(2)). */
    @ParameterizedTest
    @CsvSource({
        "-30, 0.6931471805599453",
        "-2.5, 0.6929436838471712",
        "-2, 0.6908055736465877",
        "-0.3, 0.28414589714140825",
        "0, 0",
        "0.5, -0.7350111298370848",
        "1.999, -5.360524027545018",
        "2, -5.36494126461664",
        "2.001, -5.369360349189937",
        "5, -27.200889545537446",
        "27, -732.8688865078977",
        "1000, -1000007.4801207221"
    })
    void logErfc_wholeRange_equalsSciPy(double x, double expected) {
        assertThat(LogErrorFunction.logErfc(x))
                .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
    }
}
