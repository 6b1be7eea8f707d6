package io.crosslm.tools.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crosslm.slm.encoder.EncoderSource;
import io.crosslm.slm.pack.SlmMode;
import io.crosslm.slm.pack.SlmPackageBuilder;
import io.crosslm.tools.bench.Contest.Figure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The comparisons of {@code crosslm bench slm --peers}: MiniLM, steps of 16 texts of 64 tokens.
 *
 * @param ours our measuring program
 * @param python interpreter with the peers' libraries
 * @param peers folder of their programs
 * @param encoder folder of their encoder: model.onnx, tokenizer.json and PyTorch's weights
 * @param prepared folder of what {@link #prepare} made
 * @param threads of each side
 */
record SmallModelContests(
        List<String> ours, String python, Path peers, Path encoder, Path prepared, int threads) {
    private static final List<String> LABELS = List.of("a", "b", "c", "d", "e", "f");
    private static final int TOKENS = 64;
    private static final int SHORTEST = 8;
    private static final int TEXTS = 1120;

    /** Private steps differ in size, and those of a head are short: more of them are timed. */
    private static final String MANY_RUNS = "20";

    private static final String TOKENIZER = "tokenizer.json";
    private static final String ENCODER = "encoder";
    private static final String HEAD = "head.slm.zip";
    private static final String LORA = "lora.slm.zip";
    private static final String FULL = "full.slm.zip";
    private static final String INT8_ENCODER = "int8.onnx";
    private static final String INT8 = "lora-int8.slm.zip";
    private static final String EQUAL = "equal.txt";
    private static final String MIXED = "mixed.txt";

    /** Builds the packages and writes the texts; tells how long each package took. */
    void prepare(PrintWriter out) throws IOException {
        for (SlmMode mode : List.of(SlmMode.HEAD, SlmMode.LORA, SlmMode.FULL)) {
            SlmPackageBuilder builder = builder("model.onnx").mode(mode);
            if (mode == SlmMode.LORA) {
                builder.with(SlmPackageBuilder.Extra.PRIVATE_TRAINING);
            }
            build(builder, mode.word() + ".slm.zip", out);
        }
        if (hasInt8()) {
            build(builder(INT8_ENCODER).mode(SlmMode.LORA), INT8, out);
        } else {
            out.println(
                    "LEFT OUT: train.int8, for "
                            + encoder.resolve(INT8_ENCODER)
                            + " is missing; prepare.py --int8-jar makes it");
        }
        withoutDropout();
        WordTexts words = WordTexts.of(encoder.resolve(TOKENIZER));
        Files.write(prepared.resolve(EQUAL), words.texts(TEXTS, TOKENS, TOKENS));
        Files.write(prepared.resolve(MIXED), words.texts(TEXTS, SHORTEST, TOKENS));
    }

    private SlmPackageBuilder builder(String file) {
        return SlmPackageBuilder.of(
                EncoderSource.files(
                        "minilm", "Apache-2.0", encoder.resolve(file), encoder.resolve(TOKENIZER)),
                LABELS);
    }

    private void build(SlmPackageBuilder builder, String name, PrintWriter out) {
        long start = System.nanoTime();
        builder.build(prepared.resolve(name));
        out.printf(java.util.Locale.ROOT, "package %s: %.1f s%n", name, BenchOutput.seconds(start));
        out.flush();
    }

    private boolean hasInt8() {
        return Files.exists(encoder.resolve(INT8_ENCODER));
    }

    /** The peer's encoder again, but it drops nothing while it trains, as ours does not. */
    private void withoutDropout() throws IOException {
        Path copy = Files.createDirectories(prepared.resolve(ENCODER));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(encoder)) {
            for (Path file : files) {
                Path name = copy.resolve(String.valueOf(file.getFileName()));
                if (!name.endsWith("config.json")) {
                    Files.createSymbolicLink(name, file.toAbsolutePath());
                }
            }
        }
        Path config = encoder.resolve("config.json");
        JsonObject settings = JsonParser.parseString(Files.readString(config)).getAsJsonObject();
        settings.addProperty("hidden_dropout_prob", 0);
        settings.addProperty("attention_probs_dropout_prob", 0);
        Files.writeString(copy.resolve("config.json"), settings.toString());
    }

    /** All of them, in the order in which they are played. */
    List<Contest> all() throws IOException {
        List<Contest> contests = new ArrayList<>(contests());
        if (hasInt8()) {
            contests.add(
                    1,
                    new Contest(
                            "train.int8",
                            Figure.SHORT_STEP,
                            1.5,
                            "train.int8.memory",
                            1 / 0.7,
                            List.of(train("lora, int8 encoder", INT8)),
                            torch("train-lora")));
        }
        return contests;
    }

    private List<Contest> contests() throws IOException {
        return List.of(
                new Contest(
                        "train.lora",
                        Figure.SHORT_STEP,
                        1.5,
                        "train.lora.memory",
                        1 / 0.7,
                        List.of(train("lora", LORA)),
                        torch("train-lora")),
                new Contest(
                        "train.full",
                        Figure.SHORT_STEP,
                        1.2,
                        "train.full.memory",
                        1 / 0.7,
                        List.of(train("full", FULL)),
                        torch("train-full")),
                Contest.of(
                        "train.head",
                        Figure.SHORT_STEP,
                        1,
                        List.of(train("head", HEAD, "--all-at-once", "--runs", MANY_RUNS)),
                        torch("train-head")),
                Contest.of(
                        "train.private",
                        Figure.SHORT_STEP,
                        1 / 1.6,
                        List.of(train("lora, private", LORA, "--private", "--runs", MANY_RUNS)),
                        List.of(train("lora", LORA, "--runs", MANY_RUNS))),
                Contest.of(
                        "score.ort",
                        Figure.SHORT_STEP,
                        0.95,
                        List.of(measure("score", "head", HEAD, EQUAL)),
                        List.of(onnxRuntime(), onnxRuntime("--spin"))),
                Contest.of(
                        "score.loop",
                        Figure.SHORT_STEP,
                        1.5,
                        List.of(measure("score", "head", HEAD, MIXED)),
                        List.of(loop(), loop("--spin"))));
    }

    private Side train(String label, String file, String... more) {
        return measure("train", label, file, EQUAL, more);
    }

    private Side measure(String work, String label, String file, String texts, String... more) {
        List<String> program = new ArrayList<>(ours);
        program.addAll(List.of(work, prepared.resolve(file).toString()));
        program.addAll(List.of("--texts", prepared.resolve(texts).toString()));
        program.addAll(List.of("--threads", "" + threads));
        return Side.of("CrossLM " + label, program, more);
    }

    /** Both fp32 products; which one is faster depends on the processor. */
    private List<Side> torch(String mode) {
        List<Side> sides = new ArrayList<>();
        for (String products : List.of("highest", "medium")) {
            sides.add(peer("PyTorch " + products, "--mode", mode, "--matmul", products));
        }
        return sides;
    }

    private Side onnxRuntime(String... more) {
        List<String> arguments = new ArrayList<>(List.of("--mode", "forward"));
        arguments.addAll(List.of("--engine", "onnxruntime", "--runs", MANY_RUNS));
        arguments.addAll(List.of(more));
        return peer(
                String.join(" ", "ONNX Runtime", String.join(" ", more)).trim(),
                arguments.toArray(new String[0]));
    }

    private Side peer(String label, String... arguments) {
        List<String> program = new ArrayList<>(List.of(python));
        program.add(peers.resolve("slm_train.py").toString());
        String model = prepared.resolve(ENCODER).toString();
        program.addAll(List.of("--threads", "" + threads, "--model", model));
        return Side.of(label, program, arguments);
    }

    /** A loop over the texts as they come, in ONNX Runtime as well. */
    private Side loop(String... more) throws IOException {
        try (InputStream program = SmallModelContests.class.getResourceAsStream("score_loop.py")) {
            if (program == null) {
                throw new IllegalStateException("score_loop.py is not in the jar");
            }
            String source = new String(program.readAllBytes(), StandardCharsets.UTF_8);
            List<String> command = new ArrayList<>(List.of(python, "-c", source, "" + peers));
            command.addAll(List.of("--threads", "" + threads, "--model", encoder.toString()));
            command.addAll(List.of("--texts", prepared.resolve(MIXED).toString()));
            return Side.of("loop in order", command, more);
        }
    }
}
