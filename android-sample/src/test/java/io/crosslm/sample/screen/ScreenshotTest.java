package io.crosslm.sample.screen;

import static org.assertj.core.api.Assertions.assertThat;

import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.widget.RadioGroup;
import io.crosslm.edge.RunOutcome;
import io.crosslm.sample.Phone;
import io.crosslm.sample.R;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.annotation.Config;

/** Draws every screen, by day and by night. */
@RunWith(RobolectricTestRunner.class)
public final class ScreenshotTest {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int FEWEST_COLOURS = 20;

    private Phone phone;

    @Before
    public void start() throws Exception {
        phone = new Phone();
    }

    @After
    public void stop() {
        phone.close();
    }

    @Test
    public void screens_byDay_areDrawn() throws Exception {
        drawAll("light");
    }

    @Test
    @Config(qualifiers = "+night")
    public void screens_byNight_areDrawn() throws Exception {
        drawAll("dark");
    }

    private void drawAll(String theme) throws Exception {
        Set<Integer> pages = new HashSet<>();
        try (Shown shown = new Shown()) {
            pages.add(draw(shown, "enrol-" + theme));
            shown.click(R.id.enrol);
            pages.add(draw(shown, "enrol-error-" + theme));
        }
        phone.enrolled().withNotes(12);
        try (Shown shown = new Shown()) {
            shown.navigate(1);
            pages.add(draw(shown, "learn-before-" + theme));
            shown.navigate(2);
            Phone.await("the ledger", () -> !shown.text(R.id.summary).isEmpty());
            pages.add(draw(shown, "sent-nothing-" + theme));
        }
        rounds();
        try (Shown shown = new Shown()) {
            shown.type(R.id.note, "The new kettle is lovely and works well");
            RadioGroup choices = shown.find(R.id.choices);
            choices.check(choices.getChildAt(0).getId());
            Phone.await("a guess", () -> shown.isShown(R.id.guess));
            pages.add(draw(shown, "notes-" + theme));
            shown.navigate(1);
            pages.add(draw(shown, "learn-" + theme));
            shown.navigate(2);
            Phone.await("the ledger", () -> !shown.text(R.id.summary).isEmpty());
            pages.add(draw(shown, "sent-" + theme));
            shown.navigate(3);
            pages.add(draw(shown, "settings-" + theme));
        }
        assertThat(pages).as("different pictures").hasSize(8);
    }

    private void rounds() throws Exception {
        phone.openScoring(3, 24);
        assertThat(phone.device().run(WINDOW).result()).isEqualTo(RunOutcome.Result.DONE);
        phone.openTraining(3, 30);
        assertThat(phone.device().run(WINDOW).result()).isEqualTo(RunOutcome.Result.DONE);
    }

    /** Returns what tells pictures apart. */
    private static int draw(Shown shown, String name) throws Exception {
        Path file = shown.draw(name);
        Bitmap drawn = BitmapFactory.decodeFile(file.toString());
        int[] pixels = new int[drawn.getWidth() * drawn.getHeight()];
        drawn.getPixels(pixels, 0, drawn.getWidth(), 0, 0, drawn.getWidth(), drawn.getHeight());
        Set<Integer> colours = new HashSet<>();
        for (int pixel : pixels) {
            colours.add(pixel);
        }
        assertThat(colours.size()).as("colours of " + name).isGreaterThan(FEWEST_COLOURS);
        return java.util.Arrays.hashCode(pixels);
    }
}
