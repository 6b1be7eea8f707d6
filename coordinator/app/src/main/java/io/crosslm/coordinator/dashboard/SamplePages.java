package io.crosslm.coordinator.dashboard;

import io.crosslm.coordinator.api.SampleResource;
import io.crosslm.coordinator.api.SampleResource.SampleView;
import io.crosslm.coordinator.dashboard.SamplePage.Opinion;
import io.crosslm.coordinator.dashboard.SamplePage.SampleRow;
import io.crosslm.coordinator.feedback.Opinions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What each annotator thinks of a round's samples. Thread-safe. */
@ApplicationScoped
public final class SamplePages {
    /** Devices that get a column each. */
    static final int MOST_DEVICES = 16;

    private static final int PAGE = 50;

    private final SampleResource samples;
    private final FleetTable fleet;

    SamplePages(SampleResource samples, FleetTable fleet) {
        this.samples = samples;
        this.fleet = fleet;
    }

    SamplePage page(String task, int round, int offset) {
        SampleResource.Page page = samples.list(task, round, PAGE, offset);
        Map<String, String> names = fleet.names();
        TreeSet<String> devices = new TreeSet<>();
        page.samples().forEach(sample -> devices.addAll(sample.devices().keySet()));
        List<String> ordered = new ArrayList<>(devices);
        ordered.sort((a, b) -> names.getOrDefault(a, a).compareTo(names.getOrDefault(b, b)));
        int all = ordered.size();
        List<String> shown = ordered.subList(0, Math.min(MOST_DEVICES, all));
        List<String> annotators = new ArrayList<>(List.of("fused", "language model"));
        shown.forEach(device -> annotators.add(names.getOrDefault(device, device)));
        List<String> labels = page.labels();
        List<SampleRow> rows =
                page.samples().stream().map(sample -> row(sample, shown, labels)).toList();
        int next = offset + rows.size();
        return new SamplePage(
                task,
                round,
                annotators,
                shown.size(),
                all,
                rows,
                rows.isEmpty() ? 0 : offset + 1,
                next,
                page.total(),
                offset == 0 ? -1 : Math.max(0, offset - PAGE),
                next < page.total() ? next : -1);
    }

    private static SampleRow row(SampleView sample, List<String> devices, List<String> labels) {
        List<Opinion> opinions = new ArrayList<>();
        opinions.add(opinion(sample.fused(), labels, sample.intended()));
        opinions.add(opinion(sample.llm(), labels, sample.intended()));
        for (String device : devices) {
            opinions.add(opinion(sample.devices().get(device), labels, sample.intended()));
        }
        Opinion fused = opinions.get(0);
        return new SampleRow(
                sample.index(),
                sample.text(),
                labels.get(sample.intended()),
                opinions,
                !fused.equals(Opinion.NONE) && !fused.agrees(),
                sample.inPool(),
                sample.filtered() == null ? "" : sample.filtered());
    }

    /**
     * An opinion in words. Labels that share the highest probability are all named; where they are
     * all but the one asked for, that one is said not to be.
     */
    static Opinion opinion(@Nullable List<Double> distribution, List<String> labels, int asked) {
        if (distribution == null || distribution.isEmpty()) {
            return Opinion.NONE;
        }
        double[] row = distribution.stream().mapToDouble(Double::doubleValue).toArray();
        Opinions opinions = Opinions.of(labels.size(), new double[][] {row});
        List<Integer> likely = Arrays.stream(opinions.mostLikely(0)).boxed().toList();
        boolean agrees = likely.contains(asked);
        if (likely.size() == labels.size()) {
            return Opinion.NONE;
        }
        if (!agrees && likely.size() > 1 && likely.size() == labels.size() - 1) {
            return new Opinion("not " + labels.get(asked), percent(1 - row[asked]), false);
        }
        String words = likely.stream().map(labels::get).collect(Collectors.joining(" or "));
        return new Opinion(words, percent(opinions.confidence(0)), agrees);
    }

    private static int percent(double probability) {
        return (int) Math.round(100 * probability);
    }
}
