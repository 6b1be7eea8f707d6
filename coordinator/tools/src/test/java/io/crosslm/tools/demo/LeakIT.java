package io.crosslm.tools.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.crosslm.edge.data.Example;
import io.crosslm.llm.format.ModelFiles;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.text.Tokenizer;
import io.crosslm.text.WordPieceJson;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * One round of the real product with marked private texts. All bytes between the devices and the
 * coordinator go through a proxy that keeps them; then everything outside the devices' folders is
 * searched for the marks.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeakIT {
    /** Where the proxies listen, and what the coordinator gives out as its own address. */
    private static final String PUBLIC_HOST = "127.0.0.2";

    private static final int MARK_LETTERS = 14;

    private Path work = Path.of("");
    private final Random random = new Random(20261101);
    private final Map<String, List<String>> marks = new LinkedHashMap<>();
    private final List<Tokenizer> tokenizers = new ArrayList<>();
    private Map<String, String> devices = Map.of();
    private List<JsonObject> samples = List.of();
    private int mqttPort;

    @BeforeAll
    void runOneRound(@TempDir Path folder) throws Exception {
        work = folder;
        InetAddress address = InetAddress.getByName(PUBLIC_HOST);
        Path captured = work.resolve("captured");
        try (Live live = new Live(work, "-D", "crosslm.public-host=" + PUBLIC_HOST);
                CapturingProxy http = new CapturingProxy(address, live.httpPort, captured, "http");
                CapturingProxy mqtt =
                        new CapturingProxy(address, live.mqttPort, captured, "mqtt")) {
            mqttPort = live.mqttPort;
            tokenizers.add(
                    WordPieceJson.read(new StringReader(EncoderSource.miniLm().tokenizerJson())));
            try (ModelFiles files = ModelFiles.open(live.model)) {
                tokenizers.add(files.tokenizer().orElseThrow());
            }
            CoordinatorApi api = live.startCoordinator();
            live.createTask(api, 4, Map.of("minimumReports", 2));
            devices =
                    live.fleet.startAgents(
                            api,
                            live.task,
                            marked(Live.splits(2)),
                            List.of(FleetModel.named("minilm-head")));
            api.startRounds(live.task.name(), 1);
            JsonObject closed = live.awaitStep(api, 1, "CLOSED");
            assertThat(closed.get("trainingReports").getAsInt()).isEqualTo(2);
            samples = api.samples(live.task.name(), 1);
            // The processes end before the proxies, so that their last words are kept.
            live.close();
        }
    }

    /** Splits with a mark of the device at both ends of every text. */
    private Splits marked(Splits splits) {
        Map<String, Splits.Silo> silos = new LinkedHashMap<>();
        splits.silos()
                .forEach(
                        (name, silo) ->
                                silos.put(
                                        name,
                                        new Splits.Silo(
                                                marked(name, silo.training()),
                                                marked(name, silo.validation()))));
        return new Splits(silos, marked("test", splits.test()), List.of(), List.of());
    }

    private List<Example> marked(String owner, List<Example> examples) {
        List<String> ends = marks.computeIfAbsent(owner, key -> List.of(mark(), mark()));
        return examples.stream()
                .map(
                        e ->
                                Example.of(
                                        String.join(" ", ends.get(0), e.text(), ends.get(1)),
                                        e.label()))
                .toList();
    }

    /** A word that nobody else writes. */
    private String mark() {
        StringBuilder word = new StringBuilder("zq");
        for (int i = 2; i < MARK_LETTERS; i++) {
            word.append((char) ('a' + random.nextInt(26)));
        }
        return word.toString();
    }

    private LeakSearch search() {
        return new LeakSearch(marks.values().stream().flatMap(List::stream).toList(), tokenizers);
    }

    @Test
    void round_markedTexts_noMarkOutsideTheDevices() {
        LeakSearch search = search();
        Set<String> searched = new LinkedHashSet<>();
        for (Path file : filesOutsideTheDevices()) {
            assertThat(search.find(bytes(file))).as(file.toString()).isEmpty();
            searched.add(work.relativize(file).getName(0).toString());
        }
        assertThat(searched).contains("captured", "coordinator", "logs");
    }

    @Test
    void round_markedTexts_everyPrivateTextIsMarked() {
        for (String name : devices.keySet()) {
            Set<String> found = search().find(bytes(work.resolve(name).resolve("training.jsonl")));
            assertThat(found)
                    .containsAll(marks.get(name).stream().map(m -> m + " as UTF-8").toList());
            assertThat(lines(work.resolve(name).resolve("training.jsonl")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(marks.get(name).get(0)));
        }
    }

    /** Shows that the captured bytes are those of the devices, and that the search reads them. */
    @Test
    void round_capturedBytes_holdWhatIsMeantToTravel() {
        JsonObject sample =
                samples.stream()
                        .filter(s -> s.get("filtered").isJsonNull())
                        .findFirst()
                        .orElseThrow();
        LeakSearch text = new LeakSearch(List.of(sample.get("text").getAsString()), List.of());
        List<Path> mqttUp = captured("mqtt", ".up");
        for (String device : devices.values()) {
            List<Path> own = mqttUp.stream().filter(f -> holds(f, device)).toList();
            assertThat(own).as("connections of %s", device).isNotEmpty();
            assertThat(own).as("reports of %s", device).anyMatch(f -> holds(f, device + "/report"));
        }
        assertThat(captured("mqtt", ".down"))
                .filteredOn(f -> text.find(bytes(f)).stream().anyMatch(w -> w.startsWith("gzip: ")))
                .as("connections with the batch")
                .hasSize(devices.size());
        assertThat(captured("http", ".up"))
                .filteredOn(f -> holds(f, "GET /v1/artifacts/"))
                .as("downloads of the package")
                .hasSize(devices.size());
        for (String name : devices.keySet()) {
            assertThat(lines(work.resolve("logs").resolve(name + ".log")))
                    .filteredOn(line -> line.contains("connected to"))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(PUBLIC_HOST + ":" + mqttPort));
        }
    }

    @Test
    void search_leakPlantedInACapturedStream_isFoundInEveryForm() {
        LeakSearch search = search();
        byte[] stream = bytes(captured("mqtt", ".up").get(0));
        marks.values().stream()
                .flatMap(List::stream)
                .forEach(
                        mark ->
                                PlantedLeaks.of("The screen " + mark + " is broken", tokenizers)
                                        .forEach(
                                                (form, leak) ->
                                                        assertThat(
                                                                        search.find(
                                                                                PlantedLeaks.plant(
                                                                                        stream,
                                                                                        leak)))
                                                                .as(form)
                                                                .isNotEmpty()
                                                                .allMatch(f -> f.contains(mark))));
    }

    private List<Path> filesOutsideTheDevices() {
        try (Stream<Path> all = Files.walk(work)) {
            return all.filter(Files::isRegularFile)
                    .filter(
                            f ->
                                    devices.keySet().stream()
                                            .noneMatch(d -> f.startsWith(work.resolve(d))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> captured(String name, String direction) {
        return filesOutsideTheDevices().stream()
                .filter(f -> f.getFileName().toString().startsWith(name + "-"))
                .filter(f -> f.getFileName().toString().endsWith(direction))
                .toList();
    }

    private static boolean holds(Path file, String text) {
        // A byte a character, so that binary bytes stay as they are.
        return new String(bytes(file), StandardCharsets.ISO_8859_1).contains(text);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
