package io.crosslm.agent;

import java.util.Map;

/**
 * The wanted fields of one record of a data file.
 *
 * @param place where the record begins
 * @param fields by name; a field that the record lacks is absent
 */
record Row(Place place, Map<String, String> fields) {
    Row {
        fields = Map.copyOf(fields);
    }

    /** Leaves the fields out: they are private. */
    @Override
    public String toString() {
        return "Row[" + place + "]";
    }
}
