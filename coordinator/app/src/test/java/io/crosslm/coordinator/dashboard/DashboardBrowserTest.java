package io.crosslm.coordinator.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static io.crosslm.coordinator.api.RoundScript.addTask;
import static io.crosslm.coordinator.api.RoundScript.answer;
import static io.crosslm.coordinator.api.RoundScript.awaitStep;
import static io.crosslm.coordinator.api.RoundScript.beOnline;
import static io.crosslm.coordinator.api.RoundScript.plan;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;
import io.crosslm.coordinator.FreshDataFolder;
import io.crosslm.coordinator.Operator;
import io.crosslm.coordinator.mqtt.TestDevice;
import io.crosslm.protocol.wire.Step;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages as a person sees them, in Chromium. Screenshots go to target/screenshots. */
@QuarkusTest
@QuarkusTestResource(FreshDataFolder.class)
class DashboardBrowserTest {
    private static final Path SHOTS = Path.of("target", "screenshots");

    @TestHTTPResource("/ui")
    private URI address;

    private final List<String> complaints = new ArrayList<>();
    private Playwright playwright;
    private Page page;

    @BeforeEach
    void openBrowser() {
        Optional<Path> chromium = chromium();
        if (chromium.isEmpty() && "true".equals(System.getenv("CROSSLM_REQUIRE_BROWSER"))) {
            throw new AssertionError("CROSSLM_REQUIRE_BROWSER is set, but there is no chromium");
        }
        Assumptions.assumeTrue(
                chromium.isPresent(), "SKIPPED: the pages need chromium on the PATH to be tested");
        playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser =
                playwright
                        .chromium()
                        .launch(
                                new BrowserType.LaunchOptions()
                                        .setExecutablePath(chromium.get())
                                        .setArgs(List.of("--no-sandbox")));
        page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 860));
        page.onConsoleMessage(
                message -> {
                    if (message.type().equals("error")) {
                        complaints.add(message.text());
                    }
                });
        page.onPageError(complaints::add);
    }

    private static Optional<Path> chromium() {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, "chromium"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    @AfterEach
    void closeBrowser() {
        if (playwright != null) {
            playwright.close();
        }
    }

    @Test
    void aRound_whileItRuns_isFollowedWithoutReloading() throws Exception {
        addTask("seen", "\"minimumReports\": 1, \"quorum\": 1");
        Operator.Member member = Operator.member("kitchen box", "seen");
        page.navigate(address.toString());
        page.getByLabel("Administrator's token").fill(Operator.TOKEN);
        page.getByText("Sign in").last().click();
        assertThat(page.locator("#tasks")).containsText("no round yet");
        assertThat(page.locator("#fleet tr", withText("kitchen box"))).containsText("offline");

        try (TestDevice device = TestDevice.connect(member)) {
            beOnline(device, member, "seen");
            assertThat(page.locator("#fleet tr", withText("kitchen box"))).containsText("online");
            page.locator(".card", withText("seen")).click();
            assertThat(page.locator("#live")).containsText("No round yet");
            plan("seen", 1).statusCode(202);
            assertThat(page.locator(".course .now")).containsText("scoring");
            shoot("live");
            answer(device, member.id(), "seen", Step.STEP_SCORING);
            assertThat(page.locator(".course .now")).containsText("training");
            assertThat(page.locator("#live")).containsText("0 of 1 devices reported");
            answer(device, member.id(), "seen", Step.STEP_TRAINING);
            awaitStep("seen", 1, "CLOSED");
        }

        assertThat(page.locator(".figures tbody tr").first()).containsText("closed");
        assertThat(page.locator(".figures tbody tr").first()).containsText("81.3 %");
        assertThat(page.locator("[data-chart=devices] canvas")).isVisible();
        assertThat(page.locator("[data-chart=bytes] canvas")).isVisible();
        assertThat(page.locator("[data-chart=general]")).containsText("Not measured");
        shoot("task");
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        shoot("task-dark");
        page.getByText("samples").click();
        assertThat(page.locator("h1")).containsText("Samples of round 1");
        assertThat(page.locator(".samples th", withText("kitchen box"))).isVisible();
        assertThat(page.locator(".samples tbody tr")).hasCount(32);
        shoot("samples-dark");
        assertThat(complaints).as("what the browser complained of").isEmpty();
    }

    private static Page.LocatorOptions withText(String text) {
        return new Page.LocatorOptions().setHasText(text);
    }

    private void shoot(String name) throws Exception {
        Files.createDirectories(SHOTS);
        page.screenshot(
                new Page.ScreenshotOptions()
                        .setPath(SHOTS.resolve(name + ".png"))
                        .setFullPage(true));
        assertThat(SHOTS.resolve(name + ".png")).isNotEmptyFile();
    }
}
