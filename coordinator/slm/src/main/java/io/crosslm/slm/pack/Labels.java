package io.crosslm.slm.pack;

import io.crosslm.slm.SlmException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the labels of a package must keep. */
final class Labels {
    private Labels() {}

    /** A copy of the labels, which are 2 or more, different, and none is blank. */
    static List<String> checked(List<String> labels) {
        if (labels.size() < 2 || labels.size() > SlmPackageBuilder.MOST_LABELS) {
            throw bad(
                    "A task has 2 to "
                            + SlmPackageBuilder.MOST_LABELS
                            + " labels but "
                            + labels.size()
                            + " came");
        }
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            if (label.isBlank()) {
                throw bad("A label is empty");
            }
            if (!seen.add(label)) {
                throw bad("The label '" + label + "' comes twice");
            }
        }
        return List.copyOf(labels);
    }

    private static SlmException bad(String message) {
        return new SlmException(SlmException.Code.BAD_INPUT, message);
    }
}
