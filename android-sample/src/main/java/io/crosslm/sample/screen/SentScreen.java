package io.crosslm.sample.screen;

import android.text.format.DateUtils;
import android.text.format.Formatter;
import android.view.LayoutInflater;
import android.view.View;
import android.view.ViewGroup;
import android.widget.ImageView;
import android.widget.TextView;
import io.crosslm.edge.privacy.PrivacyGuarantee;
import io.crosslm.edge.store.LedgerEntry;
import io.crosslm.edge.store.Outgoing;
import io.crosslm.protocol.RoundNumber;
import io.crosslm.sample.R;
import io.crosslm.sample.device.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The ledger: every message that left the phone, newest first. */
final class SentScreen extends Screen {
    private static final int MOST_SHOWN = 100;

    SentScreen(MainActivity activity, ViewGroup parent) {
        super(activity, parent, R.layout.screen_sent);
    }

    @Override
    void refresh() {
        ask(Device::ledger, this::show, failure -> summary(failure));
    }

    private void show(List<LedgerEntry> entries) {
        ViewGroup list = find(R.id.list);
        list.removeAllViews();
        long bytes = 0;
        for (LedgerEntry entry : entries) {
            bytes += entry.bytes();
        }
        int shown = Math.min(MOST_SHOWN, entries.size());
        for (int i = 0; i < shown; i++) {
            list.addView(row(list, entries.get(entries.size() - 1 - i)));
        }
        String messages =
                activity()
                        .getResources()
                        .getQuantityString(
                                R.plurals.sent_messages,
                                entries.size(),
                                entries.size(),
                                size(bytes));
        summary(
                entries.isEmpty()
                        ? text(R.string.sent_nothing)
                        : text(R.string.sent_summary, messages));
    }

    private void summary(String text) {
        TextView summary = find(R.id.summary);
        summary.setText(text);
    }

    private View row(ViewGroup list, LedgerEntry entry) {
        View row = LayoutInflater.from(activity()).inflate(R.layout.row_sent, list, false);
        Kind kind = Kind.of(entry.kind());
        ImageView icon = row.findViewById(R.id.row_icon);
        icon.setImageResource(kind.icon);
        set(row, R.id.row_kind, text(kind.name));
        set(row, R.id.row_what, text(kind.what));
        String status = entry.status();
        set(row, R.id.row_status, status == null ? text(R.string.sent_waits) : status);
        RoundNumber round = entry.round();
        String when =
                DateUtils.formatDateTime(
                        activity(),
                        entry.at().toEpochMilli(),
                        DateUtils.FORMAT_SHOW_DATE
                                | DateUtils.FORMAT_SHOW_TIME
                                | DateUtils.FORMAT_ABBREV_ALL);
        set(row, R.id.row_line, line(round, size(entry.bytes()), when, entry.spent()));
        return row;
    }

    private String line(
            @Nullable RoundNumber round,
            String size,
            String when,
            @Nullable PrivacyGuarantee spent) {
        if (round == null) {
            return text(R.string.sent_line_no_round, size, when);
        }
        return spent == null
                ? text(R.string.sent_line, round.value(), size, when)
                : text(R.string.sent_line_private, round.value(), size, when, spent.epsilon());
    }

    private String size(long bytes) {
        return Formatter.formatShortFileSize(activity(), bytes);
    }

    private static void set(View row, int id, String text) {
        TextView view = row.findViewById(id);
        view.setText(text);
    }

    /** How a kind of message is shown. */
    private enum Kind {
        SCORES(R.drawable.ic_sent, R.string.sent_scores, R.string.sent_scores_what),
        TRAINING(R.drawable.ic_training, R.string.sent_training, R.string.sent_training_what),
        ERROR(R.drawable.ic_error, R.string.sent_error, R.string.sent_error_what);

        private final int icon;
        private final int name;
        private final int what;

        Kind(int icon, int name, int what) {
            this.icon = icon;
            this.name = name;
            this.what = what;
        }

        static Kind of(Outgoing.Kind kind) {
            return switch (kind) {
                case SCORES -> SCORES;
                case TRAINING -> TRAINING;
                case ERROR -> ERROR;
            };
        }
    }
}
