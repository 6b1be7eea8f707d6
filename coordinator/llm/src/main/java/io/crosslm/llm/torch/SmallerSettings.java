package io.crosslm.llm.torch;

import io.crosslm.llm.torch.TorchSettings.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Settings and work that take less memory than some others, and what is different in words. */
final class SmallerSettings {
    private final TorchSettings settings;
    private final ModelWorkload workload;

    SmallerSettings(TorchSettings settings, ModelWorkload workload) {
        this.settings = settings;
        this.workload = workload;
    }

    private record Choice(TorchSettings settings, ModelWorkload workload) {}

    /** The choice that changes least and fits, in words. */
    Optional<String> nearest(BiPredicate<TorchSettings, ModelWorkload> fits) {
        return choices().stream()
                .filter(choice -> fits.test(choice.settings(), choice.workload()))
                .findFirst()
                .map(this::differences);
    }

    private List<Choice> choices() {
        TorchSettings plain = settings.withPackedLayers(false);
        TorchSettings half = plain.withDataType(DataType.BF16);
        List<Choice> choices = new ArrayList<>();
        choices.add(new Choice(plain, workload));
        choices.add(new Choice(settings.withDataType(DataType.BF16), workload));
        choices.add(new Choice(half, workload));
        for (int rows = workload.rows() / 2; rows >= 1; rows /= 2) {
            choices.add(new Choice(plain, workload.withRows(rows)));
        }
        ModelWorkload one = workload.withRows(1);
        choices.add(new Choice(half, one));
        choices.add(new Choice(half, one.withoutTuning()));
        return choices;
    }

    private String differences(Choice choice) {
        List<String> words = new ArrayList<>();
        if (settings.packedLayers() != choice.settings().packedLayers()) {
            words.add("packed layers off");
        }
        if (settings.dataType() != choice.settings().dataType()) {
            words.add("data type " + choice.settings().dataType().id());
        }
        if (workload.rows() != choice.workload().rows()) {
            words.add("at most " + choice.workload().rows() + " rows at once");
        }
        if (workload.stepTokens() != choice.workload().stepTokens()) {
            words.add("no tuning");
        }
        return String.join(" and ", words);
    }
}
