package io.crosslm.coordinator.dashboard;

import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import java.util.List;

/** The templates, checked against what they are given when the coordinator is built. */
@CheckedTemplate(basePath = "dashboard")
final class Pages {
    private Pages() {}

    static native TemplateInstance signIn(String problem);

    static native TemplateInstance overview(FleetTable.Page fleet, TaskPages.Cards tasks);

    static native TemplateInstance fleet(FleetTable.Page fleet);

    static native TemplateInstance tasks(TaskPages.Cards tasks);

    static native TemplateInstance task(
            TaskCard task, LiveRound live, TaskPages.Rounds rounds, List<ModelRow> models);

    static native TemplateInstance live(
            TaskCard task, LiveRound live, TaskPages.Rounds rounds, List<ModelRow> models);

    static native TemplateInstance samples(SamplePage page);
}
