package io.crosslm.tools.bench;

import io.crosslm.llm.source.ModelCatalogue;
import io.crosslm.llm.torch.TorchSettings.DataType;
import io.crosslm.tools.ToolException;
import io.crosslm.tools.bench.Contest.Figure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The comparisons of {@code crosslm bench llm --peers}, with the peers' programs and model files.
 *
 * @param ours our measuring program
 * @param python interpreter with the peers' libraries
 * @param peers folder of their programs
 * @param models folder of their model files
 * @param gguf file that all of them were made from
 * @param bf16 whether this processor multiplies bfloat16
 * @param threads of each side
 */
record LanguageModelContests(
        List<String> ours,
        String python,
        Path peers,
        Path models,
        Path gguf,
        boolean bf16,
        int threads) {
    private static final String MEDIUM = "medium";
    private static final String HIGHEST = "highest";
    private static final String FP32 = "float32";
    private static final String BF16 = "bfloat16";

    // The peer's text is too short for prompts of 300 tokens.
    private static final String LONG_PROMPTS =
            "import sys; sys.path.insert(0, sys.argv.pop(1)); import generate; generate.TEXT *= 4;"
                    + " generate.main()";
    private static final String GGUF_BY_TRANSFORMERS =
            "import json, os, sys; sys.path.insert(0, sys.argv[1]); import common, torch,"
                    + " transformers as t; torch.set_num_threads(int(sys.argv[3])); d, f ="
                    + " os.path.split(sys.argv[2]); m = t.AutoModelForCausalLM.from_pretrained(d,"
                    + " gguf_file=f, dtype=torch.float32).eval(); k ="
                    + " t.AutoTokenizer.from_pretrained(d, gguf_file=f); x = k('The ferry began to"
                    + " cross the lake', return_tensors='pt'); m.generate(**x, max_new_tokens=1,"
                    + " do_sample=False, pad_token_id=0); common.emit('transformers', 'load', 1,"
                    + " 'token', peak_rss_mib=common._rss())";

    /**
     * With the default model and this processor.
     *
     * @throws ToolException if the model was not fetched
     */
    static LanguageModelContests with(PeerOptions peers) {
        Path gguf =
                ModelCatalogue.standard(System.getenv())
                        .cached(
                                ModelCatalogue.DEFAULT_MODEL,
                                ModelCatalogue.defaultCache(System.getenv()))
                        .orElseThrow(
                                () ->
                                        new ToolException(
                                                ToolException.Code.UNKNOWN_MODEL,
                                                "The language model is not here yet; run crosslm"
                                                        + " model fetch "
                                                        + ModelCatalogue.DEFAULT_MODEL));
        return new LanguageModelContests(
                // A coordinator's heap.
                PeerOptions.ourProgram("measure", "-Xms64m", "-Xmx512m"),
                peers.python(),
                peers.folder(),
                peers.models(),
                gguf.toAbsolutePath(),
                DataType.ofThisProcessor() == DataType.BF16,
                Runtime.getRuntime().availableProcessors());
    }

    /** All of them, in the order in which they are played. */
    List<Contest> all() {
        List<Contest> all = new ArrayList<>();
        for (int batch : new int[] {1, 16, 32}) {
            all.add(
                    Contest.of(
                            "generate.fp32.b" + batch,
                            Figure.RATE,
                            batch == 1 ? 1.3 : 2,
                            List.of(generate("fp32", batch)),
                            List.of(transformers(FP32, HIGHEST, batch))));
        }
        for (int batch : new int[] {1, 16, 32}) {
            all.add(
                    Contest.of(
                            "generate.best.b" + batch,
                            Figure.RATE,
                            batch == 1 ? 1 : 1.2,
                            eachType(type -> generate(type, batch)),
                            List.of(
                                    transformers(BF16, HIGHEST, batch),
                                    transformers(FP32, MEDIUM, batch),
                                    llamaCpp("bf16", batch),
                                    llamaCpp("f16", batch),
                                    llamaCpp("q8_0", batch))));
        }
        all.add(
                Contest.of(
                        "fewshot.b64",
                        Figure.RATE,
                        3,
                        eachType(this::fewShot),
                        List.of(longPrompts(BF16, HIGHEST), longPrompts(FP32, MEDIUM))));
        List<Side> load = eachType(this::load);
        all.add(Contest.of("load.gguf", Figure.FIRST_LINE, 1, load, List.of(loadByTransformers())));
        all.add(
                Contest.of(
                        "load.gguf.llamacpp", Figure.FIRST_LINE, 1, load, List.of(loadByLlama())));
        all.addAll(tuning());
        return all;
    }

    private List<Contest> tuning() {
        List<Side> ours = eachType(this::dpo);
        return List.of(
                Contest.of(
                        "dpo.trl",
                        Figure.STEP,
                        2,
                        ours,
                        List.of(
                                lora("trl", BF16, HIGHEST, "inline"),
                                lora("trl", BF16, HIGHEST, "cached"),
                                lora("trl", FP32, MEDIUM, "inline"))),
                Contest.of(
                        "dpo.fp32",
                        Figure.STEP,
                        1,
                        List.of(dpo("fp32")),
                        List.of(lora("plain", FP32, HIGHEST, "cached"))),
                new Contest(
                        "dpo.best",
                        Figure.STEP,
                        1.5,
                        "dpo.memory",
                        1.25,
                        ours,
                        List.of(
                                lora("plain", BF16, HIGHEST, "cached"),
                                lora("plain", FP32, MEDIUM, "cached"))));
    }

    private interface OfType {
        Side side(String dataType);
    }

    /** Our settings to choose from: bf16 too, where it is fast. */
    private List<Side> eachType(OfType of) {
        return bf16 ? List.of(of.side("bf16"), of.side("fp32")) : List.of(of.side("fp32"));
    }

    private Side generate(String type, int rows) {
        return measure(type, "generate", "--rows", "" + rows);
    }

    private Side fewShot(String type) {
        return measure(
                type,
                "generate",
                "--rows",
                "1",
                "--each",
                "64",
                "--prompt-tokens",
                "300",
                "--runs",
                "2");
    }

    private Side load(String type) {
        return measure(
                type,
                "generate",
                "--rows",
                "1",
                "--new-tokens",
                "1",
                "--runs",
                "1",
                "--warmup",
                "0");
    }

    private Side dpo(String type) {
        return measure(type, "dpo");
    }

    private Side measure(String type, String... work) {
        List<String> program = new ArrayList<>(ours);
        program.addAll(List.of(work));
        return Side.of("CrossLM " + type, program, "--model", "" + gguf, "--data-type", type);
    }

    private Side transformers(String type, String products, int batch) {
        return Side.of(
                "transformers " + type + " " + products,
                program("generate"),
                "--model",
                "" + models.resolve("smollm2-hf"),
                "--dtype",
                type,
                "--matmul",
                products,
                "--batch",
                "" + batch,
                "--runs",
                "3");
    }

    private Side longPrompts(String type, String products) {
        return Side.of(
                "transformers " + type + " " + products,
                List.of(python, "-c", LONG_PROMPTS, "" + peers),
                "--threads",
                "" + threads,
                "--model",
                "" + models.resolve("smollm2-hf"),
                "--dtype",
                type,
                "--matmul",
                products,
                "--batch",
                "64",
                "--prompt-tokens",
                "300",
                "--runs",
                "1",
                // Its first call, before the timed ones, is the warm-up.
                "--warmup",
                "0");
    }

    private Side llamaCpp(String type, int sequences) {
        return Side.of(
                "llama.cpp " + type,
                program("llamacpp"),
                "--model",
                "" + models.resolve("smollm2-" + type + ".gguf"),
                "--sequences",
                "" + sequences,
                "--runs",
                "3");
    }

    private Side loadByLlama() {
        return Side.of(
                "llama.cpp",
                program("llamacpp"),
                "--model",
                "" + gguf,
                "--new-tokens",
                "1",
                "--runs",
                "1",
                "--warmup",
                "0");
    }

    private Side loadByTransformers() {
        return Side.of(
                "transformers",
                List.of(python, "-c", GGUF_BY_TRANSFORMERS, "" + peers, "" + gguf, "" + threads));
    }

    private Side lora(String engine, String type, String products, String reference) {
        return Side.of(
                (engine.equals("trl") ? "TRL " : "PEFT loop ")
                        + type
                        + " "
                        + products
                        + (reference.equals("cached") ? " cached reference" : ""),
                program("lora_dpo"),
                "--model",
                "" + models.resolve("smollm2-hf"),
                "--engine",
                engine,
                "--dtype",
                type,
                "--matmul",
                products,
                "--reference",
                reference,
                "--runs",
                "3");
    }

    private List<String> program(String name) {
        return List.of(python, "" + peers.resolve(name + ".py"), "--threads", "" + threads);
    }
}
