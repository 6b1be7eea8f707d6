package io.crosslm.coordinator.dashboard;

import java.util.List;

/**
 * Some samples of a round.
 *
 * @param devices how many of the annotators are devices
 * @param allDevices how many scored samples of this page
 * @param from number of the first one, from 1
 * @param previous offset of the page before; -1 if there is none
 * @param next offset of the page after; -1 if there is none
 */
public record SamplePage(
        String task,
        int round,
        List<String> annotators,
        int devices,
        int allDevices,
        List<SampleRow> rows,
        int from,
        int to,
        int total,
        int previous,
        int next) {
    /**
     * A sample.
     *
     * @param opinions in the order of the annotators
     * @param moved whether fusion gave it another label than was asked for
     * @param filtered why no device saw it; empty if they did
     */
    public record SampleRow(
            int index,
            String text,
            String asked,
            List<Opinion> opinions,
            boolean moved,
            boolean inPool,
            String filtered) {}

    /**
     * What an annotator thinks.
     *
     * @param label its most likely one, or several in words; empty if it did not say
     * @param percent probability of that label
     * @param agrees with what was asked for
     */
    public record Opinion(String label, int percent, boolean agrees) {
        static final Opinion NONE = new Opinion("", 0, false);
    }
}
