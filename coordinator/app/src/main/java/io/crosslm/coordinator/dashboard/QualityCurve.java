package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.round.RoundDocuments.DeviceOutcome;
import io.crosslm.coordinator.round.RoundDocuments.ModelOutcome;
import io.crosslm.coordinator.round.RoundDocuments.Outcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What rounds brought, as curves over the numbers of closed rounds; null where nothing was
 * measured.
 *
 * @param rounds numbers of the closed rounds
 * @param closedRounds how many the task has, of which these may be the newest only
 * @param standalone mean accuracy of small models without the pool
 * @param withPool mean accuracy of small models with the pool, over all devices
 * @param devices accuracy with the pool, by device name; of the first {@value #MOST_DEVICES}
 * @param allDevices how many reported in these rounds
 * @param llmAccuracy of the language model as a classifier
 * @param labelFidelity share of its texts that have the asked-for label
 * @param guardLoss by how much the negative log-likelihood of general passages rose, as a share
 * @param up payload bytes of reports
 * @param down payload bytes of samples
 */
@RegisterForReflection
public record QualityCurve(
        List<Integer> rounds,
        int closedRounds,
        List<@Nullable Double> standalone,
        List<@Nullable Double> withPool,
        Map<String, List<@Nullable Double>> devices,
        int allDevices,
        List<@Nullable Double> llmAccuracy,
        List<@Nullable Double> labelFidelity,
        List<@Nullable Double> guardLoss,
        List<Long> up,
        List<Long> down) {

    /** Lines of single devices; nobody tells more of them apart. */
    static final int MOST_DEVICES = 24;

    /** Curves of outcomes by round number. */
    static QualityCurve of(
            SortedMap<Integer, Outcome> outcomes, Map<String, String> names, int closedRounds) {
        long devices =
                outcomes.values().stream()
                        .flatMap(outcome -> outcome.devices().stream())
                        .map(DeviceOutcome::device)
                        .distinct()
                        .count();
        QualityCurve curve =
                new QualityCurve(
                        new ArrayList<>(),
                        closedRounds,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new LinkedHashMap<>(),
                        (int) devices,
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
        outcomes.forEach((number, outcome) -> curve.add(number, outcome, names));
        return curve;
    }

    private void add(int number, Outcome outcome, Map<String, String> names) {
        int position = rounds.size();
        rounds.add(number);
        standalone.add(finite(Figures.meanStandalone(outcome.devices()).orElse(Double.NaN)));
        withPool.add(finite(Figures.meanWithPool(outcome.devices()).orElse(Double.NaN)));
        for (DeviceOutcome device : outcome.devices()) {
            String name = names.getOrDefault(device.device(), device.device());
            if (!devices.containsKey(name) && devices.size() >= MOST_DEVICES) {
                continue;
            }
            List<@Nullable Double> line = devices.computeIfAbsent(name, n -> new ArrayList<>());
            pad(line, position);
            line.add(finite(device.withPoolAccuracy().orElse(Double.NaN)));
        }
        devices.values().forEach(line -> pad(line, position + 1));
        ModelOutcome llm = outcome.llm();
        llmAccuracy.add(llm.after().accuracy());
        labelFidelity.add(llm.after().labelFidelity());
        guardLoss.add(llm.guardLoss());
        up.add(outcome.bytes().up());
        down.add(outcome.bytes().down());
    }

    private static void pad(List<@Nullable Double> line, int length) {
        while (line.size() < length) {
            line.add(null);
        }
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
