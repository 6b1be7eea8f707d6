package io.crosslm.edge.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.store.AtomicFile;
import io.crosslm.protocol.ProtocolException;
import io.crosslm.protocol.wire.Announcement;
import io.crosslm.protocol.wire.ReportForm;
import io.crosslm.protocol.wire.WireReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a task between two starts, in one small file.
 *
 * @param isShelved whether the announcement is not the broker's any more, as far as one can tell
 * @param epoch highest one seen, unsigned
 * @param sequence of the last announcement taken, unsigned
 * @param round that the counts belong to
 */
record InboxState(
        @Nullable Announcement announcement,
        boolean isShelved,
        @Nullable PinnedTerms pinnedTerms,
        long epoch,
        long sequence,
        int round,
        long receivedBytes,
        long scoringMillis) {
    private static final InboxState NEW = new InboxState(null, false, null, 0, 0, 0, 0, 0);

    InboxState withAnnouncement(Announcement taken) {
        return new InboxState(
                taken,
                false,
                pinnedTerms,
                taken.getEpoch(),
                taken.getSequence(),
                round,
                receivedBytes,
                scoringMillis);
    }

    InboxState withoutAnnouncement() {
        return new InboxState(
                null, false, pinnedTerms, epoch, sequence, round, receivedBytes, scoringMillis);
    }

    InboxState withShelved(boolean shelved) {
        return new InboxState(
                announcement,
                shelved,
                pinnedTerms,
                epoch,
                sequence,
                round,
                receivedBytes,
                scoringMillis);
    }

    /** The announcement, unless it is shelved. */
    @Nullable Announcement open() {
        return isShelved ? null : announcement;
    }

    InboxState withPinnedTerms(PinnedTerms terms) {
        return new InboxState(
                announcement,
                isShelved,
                terms,
                epoch,
                sequence,
                round,
                receivedBytes,
                scoringMillis);
    }

    InboxState withEpoch(long higher) {
        return new InboxState(
                announcement,
                isShelved,
                pinnedTerms,
                higher,
                sequence,
                round,
                receivedBytes,
                scoringMillis);
    }

    /** Counts bytes; those of another round begin anew. */
    InboxState withReceived(int of, long bytes) {
        boolean same = of == round;
        return new InboxState(
                announcement,
                isShelved,
                pinnedTerms,
                epoch,
                sequence,
                of,
                (same ? receivedBytes : 0) + bytes,
                same ? scoringMillis : 0);
    }

    InboxState withScoring(int of, long millis) {
        return new InboxState(
                announcement,
                isShelved,
                pinnedTerms,
                epoch,
                sequence,
                of,
                of == round ? receivedBytes : 0,
                millis);
    }

    static InboxState load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NEW;
        }
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
            return fromJson(JsonParser.parseString(text).getAsJsonObject());
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | NullPointerException
                | ProtocolException e) {
            throw new IOException(
                    file
                            + " is damaged; bring it back from a copy. Whoever deletes it takes the task's"
                            + " terms as the coordinator sends them now",
                    e);
        }
    }

    void save(Path file) throws IOException {
        AtomicFile.write(file, toJson().toString().getBytes(StandardCharsets.UTF_8));
    }

    private static InboxState fromJson(JsonObject json) {
        Announcement announcement = null;
        if (json.has("announcement")) {
            announcement =
                    WireReader.announcement(
                            Base64.getDecoder().decode(json.get("announcement").getAsString()));
        }
        PinnedTerms terms = null;
        if (json.has("labels")) {
            List<String> labels = new ArrayList<>();
            for (JsonElement label : json.getAsJsonArray("labels")) {
                labels.add(label.getAsString());
            }
            terms =
                    new PinnedTerms(
                            json.get("privacyMode").getAsString(),
                            json.has("epsilon")
                                    ? new PrivacyGuarantee(
                                            json.get("epsilon").getAsDouble(),
                                            json.get("delta").getAsDouble())
                                    : null,
                            json.has("answerEpsilon") ? json.get("answerEpsilon").getAsDouble() : 0,
                            reportForm(json.get("reportForm").getAsInt()),
                            labels);
        }
        return new InboxState(
                announcement,
                json.has("shelved") && json.get("shelved").getAsBoolean(),
                terms,
                json.get("epoch").getAsLong(),
                json.get("sequence").getAsLong(),
                json.get("round").getAsInt(),
                json.get("receivedBytes").getAsLong(),
                json.get("scoringMillis").getAsLong());
    }

    private static ReportForm reportForm(int number) {
        ReportForm form = ReportForm.forNumber(number);
        return form == null ? ReportForm.UNRECOGNIZED : form;
    }

    private JsonObject toJson() {
        JsonObject json = new JsonObject();
        if (announcement != null) {
            json.addProperty(
                    "announcement", Base64.getEncoder().encodeToString(announcement.toByteArray()));
        }
        if (isShelved) {
            json.addProperty("shelved", true);
        }
        if (pinnedTerms != null) {
            json.addProperty("privacyMode", pinnedTerms.privacyMode());
            PrivacyGuarantee limit = pinnedTerms.limit();
            if (limit != null) {
                json.addProperty("epsilon", limit.epsilon());
                json.addProperty("delta", limit.delta());
                json.addProperty("answerEpsilon", pinnedTerms.answerEpsilon());
            }
            json.addProperty("reportForm", pinnedTerms.reportForm().getNumber());
            JsonArray labels = new JsonArray();
            pinnedTerms.labels().forEach(labels::add);
            json.add("labels", labels);
        }
        json.addProperty("epoch", epoch);
        json.addProperty("sequence", sequence);
        json.addProperty("round", round);
        json.addProperty("receivedBytes", receivedBytes);
        json.addProperty("scoringMillis", scoringMillis);
        return json;
    }
}
