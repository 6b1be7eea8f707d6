package io.crosslm.coordinator.dashboard;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** The templates, checked against what they are given when the coordinator is built. */
@CheckedTemplate(basePath = "dashboard")
final class Pages {
    private Pages() {}

    static native TemplateInstance signIn(String problem);

    static native TemplateInstance overview(List<FleetTable.Row> devices, List<TaskCard> tasks);

    static native TemplateInstance fleet(List<FleetTable.Row> devices);

    static native TemplateInstance tasks(List<TaskCard> tasks);

    static native TemplateInstance task(
            TaskCard task, LiveRound live, List<RoundRow> rounds, List<ModelRow> models);

    static native TemplateInstance live(
            TaskCard task, LiveRound live, List<RoundRow> rounds, List<ModelRow> models);

    static native TemplateInstance samples(SamplePage page);
}
