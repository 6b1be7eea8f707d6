package io.crosslm.tools.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.crosslm.tools.bench.Contest.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came out of a contest.
 *
 * @param ours median of our figures
 * @param peer median of the peer's
 * @param ratio median of the ratios of each turn; above 1 if we are better
 * @param ratios of each turn
 * @param otherCpu the largest share of the CPU that others took during a turn
 * @param tried every setting's figure from the choice before the turns
 */
record ContestResult(
        String name,
        Figure figure,
        double target,
        Summary ours,
        Summary peer,
        double ratio,
        List<Double> ratios,
        double otherCpu,
        Map<String, Double> tried) {

    static ContestResult of(
            String name,
            Figure figure,
            double target,
            Results ours,
            Results peer,
            Map<String, Double> tried) {
        List<Double> ratios = new ArrayList<>();
        double otherCpu = 0;
        for (int i = 0; i < ours.turns.size(); i++) {
            SideResult our = ours.turns.get(i);
            SideResult their = peer.turns.get(i);
            ratios.add(figure.ratio(figure.of(our), figure.of(their)));
            otherCpu = Math.max(otherCpu, Math.max(our.otherCpu(), their.otherCpu()));
        }
        return new ContestResult(
                name,
                figure,
                target,
                ours.summary(figure),
                peer.summary(figure),
                Measurement.median(ratios),
                ratios,
                otherCpu,
                tried);
    }

    /** The line of {@code --json}. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("ours", Measurement.digits(ours.figure));
        json.addProperty("peer", Measurement.digits(peer.figure));
        json.addProperty("ratio", Measurement.digits(ratio));
        json.addProperty("unit", figure.unit());
        json.addProperty("runs", ratios.size());
        json.addProperty("target", target);
        JsonArray turns = new JsonArray();
        ratios.forEach(r -> turns.add(Measurement.digits(r)));
        json.add("ratios", turns);
        json.addProperty("oursSetting", ours.setting);
        json.addProperty("peerSetting", peer.setting);
        json.addProperty("oursPeakMib", Measurement.digits(ours.peakMib));
        json.addProperty("peerPeakMib", Measurement.digits(peer.peakMib));
        json.addProperty("otherCpu", Measurement.digits(otherCpu));
        JsonObject settings = new JsonObject();
        tried.forEach((setting, value) -> settings.addProperty(setting, Measurement.digits(value)));
        json.add("tried", settings);
        return json;
    }

    /** A row of the table, for {@link #header}. */
    String row() {
        return String.format(
                Locale.ROOT,
                "%-19s %10.4g %10.4g %-9s %6.2f %6.2f %4.0f %%  %s | %s",
                name,
                ours.figure,
                peer.figure,
                figure.unit(),
                ratio,
                target,
                100 * otherCpu,
                ours.setting,
                peer.setting);
    }

    static String header() {
        return String.format(
                Locale.ROOT,
                "%-19s %10s %10s %-9s %6s %6s %6s  %s",
                "",
                "ours",
                "peer",
                "",
                "ratio",
                "target",
                "others",
                "settings");
    }

    /** One side's turns. */
    record Results(String setting, List<SideResult> turns) {
        private Summary summary(Figure figure) {
            return new Summary(
                    setting,
                    Measurement.median(turns.stream().map(figure::of).toList()),
                    Measurement.median(turns.stream().map(Figure.MEMORY::of).toList()));
        }
    }

    /** One side's medians. */
    record Summary(String setting, double figure, double peakMib) {}
}
