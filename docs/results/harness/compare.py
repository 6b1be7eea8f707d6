"""Runs lm-evaluation-harness itself on the files that `crosslm evaluate --suite general` reads, and compares the two.

  python compare.py model --gguf FILE.gguf --out FOLDER
  python compare.py run --model FOLDER --data DIR --out results [--tasks copa,piqa] [--limit N]
  crosslm evaluate --suite general --data DIR --data-type fp32 --item-scores --json general.json
  python compare.py table --harness results --ours general.json

`run` goes over the tasks in turns and writes a file for every chunk of items; it goes on where it was cut off.
Needs lm-eval, torch, transformers and gguf.
"""

import argparse
import gzip
import importlib
import json
import os
import pathlib
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

HERE = pathlib.Path(__file__).resolve().parent
TASKS = ["copa", "openbook_qa", "winogrande", "piqa", "arc_easy", "hellaswag-1000", "lambada_openai", "boolq"]
METRICS = ["acc", "acc_norm", "perplexity"]


def make_model(options):
    """The weights dequantised to float32, with the tokenizer that cuts out every numeral alone, as the file asks for."""
    import tokenizers
    import torch
    import transformers

    gguf = options.gguf
    loaded = transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.float32)
    # A model read from GGUF counts as quantised and refuses to be saved; its plain twin does not.
    config = type(loaded.config)(**{k: v for k, v in loaded.config.to_dict().items() if k != "quantization_config"})
    model = type(loaded)(config)
    model.load_state_dict(loaded.state_dict())
    model.save_pretrained(options.out)
    tokenizer = transformers.AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    # Transformers leaves the cut out that llama.cpp makes for "smollm".
    pre = tokenizers.pre_tokenizers
    tokenizer.backend_tokenizer.pre_tokenizer = pre.Sequence(
        [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.save_pretrained(options.out)


def task_config(name, data):
    import yaml

    config = yaml.safe_load((HERE / "tasks" / f"{name}.yaml").read_text())
    config["dataset_kwargs"] = {"data_files": {"validation": str(data / f"{name}.jsonl.gz")}}
    if "process_docs" in config:
        module, _, function = config["process_docs"].rpartition(".")
        config["process_docs"] = getattr(importlib.import_module(module), function)
    return config


def run(options):
    import torch
    from lm_eval.models.huggingface import HFLM

    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    model = HFLM(pretrained=str(options.model), device="cpu", dtype="float32", batch_size=options.batch_size)
    for start in range(0, options.limit, options.chunk):
        for name in options.tasks.split(","):
            run_chunk(name, start, model, options)


def run_chunk(name, start, model, options):
    """A file for items start .. start + chunk, so that a run that is cut off has not been for nothing."""
    import lm_eval

    with gzip.open(options.data / f"{name}.jsonl.gz", "rb") as lines:
        count = sum(1 for line in lines if line.strip())
    end = min(start + options.chunk, options.limit, count)
    target = options.out / f"{name}.{start}.json"
    if start >= count or target.exists():
        return
    began = time.time()
    config = task_config(name, options.data)
    results = lm_eval.simple_evaluate(
        model=model, tasks=[config], samples={config["task"]: list(range(start, end))}, bootstrap_iters=0
    )
    (samples,) = results["samples"].values()
    items = []
    for sample in sorted(samples, key=lambda sample: sample["doc_id"]):
        # The answer to a choice is (log-likelihood, whether it is greedy); a single one is not in a list.
        answers = sample["filtered_resps"]
        logs = [answer[0] for answer in answers] if isinstance(answers[0], (list, tuple)) else [answers[0]]
        item = {"item": sample["doc_id"], "logLikelihoods": [float(log) for log in logs]}
        items.append(item | {metric: float(sample[metric]) for metric in METRICS if metric in sample})
    content = {"task": name, "all": count, "seconds": round(time.time() - began, 1), "items": items}
    target.write_text(json.dumps(content) + "\n")
    print(name, start, end, content["seconds"], "s", flush=True)


def table(options):
    """Markdown: both sides with the harness's standard errors, the difference, and items that are answered differently."""
    from lm_eval.api import metrics as harness

    ours = json.loads(options.ours.read_text())
    print("| task | metric | items | harness | ours | difference | largest difference of a log-likelihood |")
    print("|---|---|---|---|---|---|---|")
    for name in TASKS:
        chunks = [json.loads(path.read_text()) for path in options.harness.glob(f"{name}.*.json")]
        if not chunks or name not in ours:
            continue
        theirs = {item["item"]: item for chunk in chunks for item in chunk["items"]}
        logs = ours[name]["untuned"]["logLikelihoods"]
        if sorted(theirs) != list(range(len(logs))):
            raise SystemExit(f"{name}: the harness has {len(theirs)} items, we have {len(logs)}; use the same --items")
        worst = max(abs(a - b) for i, row in enumerate(logs) for a, b in zip(row, theirs[i]["logLikelihoods"]))
        items = f"{len(theirs)} of {chunks[0]['all']}"
        for metric in METRICS:
            if metric not in ours[name]["untuned"]:
                continue
            values = [item[metric] for item in theirs.values()]
            mine = ours[name]["untuned"][metric]
            if metric == "perplexity":
                value, error = harness.perplexity(values), harness.bootstrap_stderr(harness.perplexity, values, 1000)
                shown = "{:.3f} ± {:.3f}", "{:+.4f}"
            else:
                value, error = 100 * harness.mean(values), 100 * harness.mean_stderr(values)
                mine = {key: 100 * number for key, number in mine.items()}
                shown = "{:.2f} ± {:.2f} %", "{:+.2f} points"
            cells = [name, metric, items, shown[0].format(value, error)]
            cells += [shown[0].format(mine["value"], mine["standardError"]), shown[1].format(mine["value"] - value)]
            print("| " + " | ".join([*cells, f"{worst:.1e}"]) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("model")
    command.add_argument("--gguf", type=pathlib.Path, required=True)
    command.add_argument("--out", type=pathlib.Path, required=True)
    command.set_defaults(call=make_model)
    command = commands.add_parser("run")
    command.add_argument("--model", type=pathlib.Path, required=True)
    command.add_argument("--data", type=pathlib.Path, required=True)
    command.add_argument("--out", type=pathlib.Path, required=True)
    command.add_argument("--tasks", default=",".join(TASKS))
    command.add_argument("--limit", type=int, default=1_000_000, help="items of a task, from the front")
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--batch-size", type=int, default=16)
    command.add_argument("--chunk", type=int, default=500, help="items of a file")
    command.set_defaults(call=run)
    command = commands.add_parser("table")
    command.add_argument("--harness", type=pathlib.Path, required=True)
    command.add_argument("--ours", type=pathlib.Path, required=True)
    command.set_defaults(call=table)
    options = parser.parse_args()
    options.call(options)


if __name__ == "__main__":
    main()
