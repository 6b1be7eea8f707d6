package io.crosslm.cli;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/** A round for people: steps, reports, and what devices and language model gained. */
final class RoundReport {
    private static final Set<String> ENDS = Set.of("CLOSED", "FAILED", "CANCELLED");

    private final StringBuilder text = new StringBuilder();
    private final Fields round;
    private final Fields outcome;

    private RoundReport(Fields round) {
        this.round = round;
        this.outcome = round.child("outcome");
    }

    static boolean isOver(Fields round) {
        return ENDS.contains(round.text("step"));
    }

    /** The round in full. */
    static String of(Fields round) {
        RoundReport report = new RoundReport(round);
        report.head();
        report.steps();
        report.devices();
        report.languageModel();
        report.traffic();
        return report.text.toString();
    }

    /** What the round brought, on one line. */
    static String summary(Fields round) {
        Fields outcome = round.child("outcome");
        StringBuilder line = new StringBuilder();
        List<Fields> devices =
                outcome.children("devices").stream()
                        .filter(device -> accuracy(device.child("standalone")).isPresent())
                        .filter(device -> accuracy(device.child("withPool")).isPresent())
                        .toList();
        if (!devices.isEmpty()) {
            line.append("mean accuracy of ")
                    .append(devices.size())
                    .append(devices.size() == 1 ? " device: " : " devices: ")
                    .append(percent(mean(devices, "standalone")))
                    .append(" standalone, ")
                    .append(percent(mean(devices, "withPool")))
                    .append(" with pool; ");
        }
        Fields llm = outcome.child("llm");
        if (llm.child("after").number("accuracy").isPresent()) {
            line.append("language model: ")
                    .append(percent(llm.child("before").number("accuracy")))
                    .append(" before, ")
                    .append(percent(llm.child("after").number("accuracy")))
                    .append(" after; ");
        }
        Fields pool = outcome.child("pool");
        if (!pool.isEmpty()) {
            line.append("pool: ").append(pool.text("size")).append(" samples; ");
        }
        return line.length() == 0
                ? "ended as " + round.text("step")
                : line.substring(0, line.length() - 2);
    }

    /** Reports that came, of the devices that were asked. */
    static String reports(Fields round, String kind) {
        return round.has("selected")
                ? round.text(kind) + " of " + round.text("selected")
                : round.text(kind);
    }

    static String seconds(OptionalDouble seconds) {
        return seconds.isEmpty()
                ? Fields.ABSENT
                : String.format(Locale.ROOT, "%.1f s", seconds.getAsDouble());
    }

    private void head() {
        text.append("task ")
                .append(round.text("task"))
                .append(", round ")
                .append(round.text("round"))
                .append(": ")
                .append(round.text("step"))
                .append(round.has("reason") ? " (" + round.text("reason") + ")" : "")
                .append("\n\n");
        line("started", round.time("startedAt"));
        line("deadline", round.time("deadline"));
        line("score reports", reports(round, "scoreReports"));
        line("training reports", reports(round, "trainingReports"));
        line("late reports", round.text("lateReports"));
        Fields generation = round.child("generation");
        if (!generation.isEmpty()) {
            OptionalDouble speed = generation.number("tokensPerSecond");
            line(
                    "generated",
                    generation.text("samples")
                            + " samples, "
                            + generation.text("kept")
                            + " kept, "
                            + generation.text("tokens")
                            + " tokens"
                            + (speed.isEmpty()
                                    ? ""
                                    : String.format(
                                            Locale.ROOT, " (%.0f tokens/s)", speed.getAsDouble())));
        }
    }

    private void steps() {
        Table table = new Table("STEP", "AT", "SECONDS");
        for (Fields step : round.children("steps")) {
            table.row(step.text("step"), step.time("at"), seconds(step.number("seconds")));
        }
        section(table);
    }

    private void devices() {
        Table table =
                new Table(
                        "DEVICE",
                        "RELIABILITY",
                        "STANDALONE",
                        "WITH POOL",
                        "KEPT",
                        "PRIVATE",
                        "POOL");
        for (Fields device : outcome.children("devices")) {
            table.row(
                    device.text("device"),
                    decimal(device.number("reliability")),
                    score(device.child("standalone")),
                    score(device.child("withPool")),
                    device.text("kept"),
                    device.text("privateExamples"),
                    device.text("poolSamples"));
        }
        section(table);
        boolean withheld =
                outcome.children("devices").stream()
                        .anyMatch(device -> device.text("withheld").equals("true"));
        if (withheld) {
            text.append("The task's privacy mode keeps back what private texts decide.\n");
        }
        models();
    }

    /** What each of the task's small models gained, where it offers several. */
    private void models() {
        List<Fields> models = outcome.children("models");
        if (models.size() < 2) {
            return;
        }
        Table table = new Table("SMALL MODEL", "DEVICES", "STANDALONE", "WITH POOL", "GAIN");
        for (Fields model : models) {
            table.row(
                    model.text("model"),
                    model.text("devices"),
                    percent(model.number("standalone")),
                    percent(model.number("withPool")),
                    String.format(
                            Locale.ROOT, "%+.1f", 100 * model.number("gain").orElse(Double.NaN)));
        }
        section(table);
    }

    private void languageModel() {
        Fields llm = outcome.child("llm");
        if (llm.isEmpty()) {
            return;
        }
        Table table = new Table("LANGUAGE MODEL", "BEFORE", "AFTER");
        for (String measure : List.of("accuracy", "labelFidelity")) {
            table.row(
                    measure.equals("accuracy") ? "task accuracy" : "label fidelity",
                    percent(llm.child("before").number(measure)),
                    percent(llm.child("after").number(measure)));
        }
        section(table);
        text.append('\n');
        line(
                "adapter kept",
                llm.text("adapterKept")
                        + (llm.has("reason") ? " (" + llm.text("reason") + ")" : ""));
        line("guard's KL", decimal(llm.number("guardKl")));
        line("general NLL", percent(llm.number("guardLoss")));
        line("part kept", decimal(llm.number("guardFactor")));
        line("its reliability", decimal(outcome.child("reliability").number("llm")));
        line("asked-for label", decimal(outcome.child("reliability").number("intent")));
    }

    private void traffic() {
        Fields pool = outcome.child("pool");
        Fields bytes = outcome.child("bytes");
        if (!pool.isEmpty() || !bytes.isEmpty()) {
            text.append('\n');
        }
        if (!pool.isEmpty()) {
            line("pool", pool.text("size") + " samples, " + pool.text("added") + " of them new");
        }
        if (!bytes.isEmpty()) {
            line(
                    "bytes",
                    bytes.text("down")
                            + " down, "
                            + bytes.text("up")
                            + " up, "
                            + bytes.text("packages")
                            + " for packages");
        }
    }

    private void line(String name, String value) {
        text.append(String.format(Locale.ROOT, "%-18s%s\n", name, value));
    }

    private void section(Table table) {
        if (!table.isEmpty()) {
            text.append('\n').append(table);
        }
    }

    /** Accuracy on the test part, or on the validation part where a device has no test part. */
    private static OptionalDouble accuracy(Fields measured) {
        Fields counts = measured(measured);
        OptionalDouble total = counts.number("total");
        OptionalDouble correct = counts.number("correct");
        return total.isEmpty() || total.getAsDouble() == 0 || correct.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(correct.getAsDouble() / total.getAsDouble());
    }

    private static Fields measured(Fields measured) {
        Fields test = measured.child("test");
        return test.number("total").orElse(0) > 0 ? test : measured.child("validation");
    }

    private static String score(Fields measured) {
        OptionalDouble accuracy = accuracy(measured);
        if (accuracy.isEmpty()) {
            return Fields.ABSENT;
        }
        Fields counts = measured(measured);
        return counts.text("correct") + "/" + counts.text("total") + " " + percent(accuracy);
    }

    private static OptionalDouble mean(List<Fields> devices, String which) {
        return devices.stream()
                .mapToDouble(device -> accuracy(device.child(which)).orElse(0))
                .average();
    }

    private static String percent(OptionalDouble share) {
        return share.isEmpty()
                ? Fields.ABSENT
                : String.format(Locale.ROOT, "%.1f %%", 100 * share.getAsDouble());
    }

    private static String decimal(OptionalDouble number) {
        return number.isEmpty()
                ? Fields.ABSENT
                : String.format(Locale.ROOT, "%.3f", number.getAsDouble());
    }
}
