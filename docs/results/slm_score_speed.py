"""Compares what packages of one encoder need to score the same texts, in turns, in plain ONNX Runtime on one thread.

    python docs/results/slm_score_speed.py --texts sst2.test.jsonl.gz head.slm.zip lora.slm.zip full.slm.zip bias.slm.zip

Prints the processor time of each package's fastest turn and its ratio to the first package's. Embeddings count for mode head (its graph `encode`).
--unpacked opens every graph without ONNX Runtime's packing of constant matrices.
Needs what slm_curves.py needs.
"""

import argparse
import json
import tempfile
import time
import zipfile
from pathlib import Path

from safetensors.numpy import load_file
from slm_curves import batch, examples_of, session, tokens_of
from tokenizers import Tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", type=Path)
    parser.add_argument("--texts", required=True, type=Path)
    for name, value in (("--count", 160), ("--batch", 16), ("--turns", 5)):
        parser.add_argument(name, type=int, default=value)
    parser.add_argument("--unpacked", action="store_true")
    options = parser.parse_args()
    runs = []
    for package in options.packages:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            zipfile.ZipFile(package).extractall(folder)
            manifest = json.loads((folder / "manifest.json").read_text())
            head = manifest["mode"] == "head"
            parameters = {} if head else load_file(folder / manifest["parameters"])
            tokenizer = Tokenizer.from_file(str(folder / manifest["tokenizer"]))
            tokenizer.no_padding()
            tokenizer.enable_truncation(manifest["maxTokens"])
            texts = sorted(examples_of(options.texts)[: options.count], key=lambda example: len(example["text"]))
            batches = [batch(texts[i : i + options.batch], tokenizer, manifest["labels"]) for i in range(0, len(texts), options.batch)]
            runs.append((package, manifest, session(folder, manifest, "encode" if head else "score", not options.unpacked), parameters, batches))
    best = [float("inf")] * len(runs)
    for turn in range(options.turns + 1):
        for i, (_, manifest, run, parameters, batches) in enumerate(runs):
            start = time.process_time()
            for ids, mask, _ in batches:
                run.run(None, {**tokens_of(manifest, ids, mask), **parameters})
            if turn > 0:  # the first one only warms up
                best[i] = min(best[i], time.process_time() - start)
    for (package, manifest, *_), seconds in zip(runs, best):
        print(f"{package.name}, mode {manifest['mode']}: {seconds:.2f} s of processor time for {options.count} texts, {seconds / best[0]:.2f} times the first")


if __name__ == "__main__":
    main()
