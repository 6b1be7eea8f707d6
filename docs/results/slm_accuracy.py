"""Trains an SLM package and the same encoder in PyTorch on the same examples over several seeds and compares their accuracies.

    python docs/results/slm_accuracy.py --package lora.slm.zip --encoder encoder.onnx --texts sst2.train.jsonl.gz --test sst2.test.jsonl.gz

A seed draws examples, their order in every epoch and the test's texts. Both begin with the package's parameters and take AdamW's steps at the
rates that devices take: a rise over the manifest's warmUp, then a cosine down to 0. Without --encoder only the package is trained; with --rates
at each of them instead of the manifest's. Modes lora, full and bias; one thread, no dropout. Needs what slm_curves.py needs.
"""

import argparse
import json
import math
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from slm_curves import Classifier, batch, bert, examples_of, multiplies_whole_numbers, onnx_train, session, tokens_of
from tokenizers import Tokenizer

ROWS_AT_ONCE = 50


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--package", "--texts", "--test"):
        parser.add_argument(name, required=True, type=Path)
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--rates", type=lambda text: [float(rate) for rate in text.split(",")])
    for name, value in (("--seeds", 5), ("--examples", 192), ("--epochs", 2), ("--test-examples", 400), ("--tokens", 48), ("--heads", 12)):
        parser.add_argument(name, type=int, default=value)
    return parser.parse_args()


def schedule(training, highest, steps):
    """As edge-sdk's OptimiserSettings: steps count from 1."""
    rise = training["warmUp"] * steps
    falling = lambda step: highest * (1 + math.cos(math.pi * (step - 1 - rise) / (steps - rise))) / 2
    return [highest * step / rise if step <= rise else falling(step) for step in range(1, steps + 1)]


def seed_batches(options, manifest, tokenizer, seed):
    """The steps' batches and the test's, which are sorted by length."""
    random = np.random.default_rng(seed)
    train, test = examples_of(options.texts), examples_of(options.test)
    chosen = [train[i] for i in random.permutation(len(train))[: options.examples]]
    held = sorted((test[i] for i in random.permutation(len(test))[: options.test_examples]), key=lambda example: len(example["text"]))
    size = manifest["training"]["batchSize"]
    steps = []
    for _ in range(options.epochs):
        order = random.permutation(len(chosen))
        steps += [batch([chosen[i] for i in order[start : start + size]], tokenizer, manifest["labels"]) for start in range(0, len(order), size)]
    return steps, [batch(held[start : start + ROWS_AT_ONCE], tokenizer, manifest["labels"]) for start in range(0, len(held), ROWS_AT_ONCE)]


def right(tests, logits):
    """Whether each text of the test gets its label."""
    return np.concatenate([np.asarray(logits(ids, mask)).argmax(1) == labels for ids, mask, labels in tests])


def spread(values):
    return f"{np.mean(values):6.2f} +- {np.std(values, ddof=1):.2f}" if len(values) > 1 else f"{values[0]:6.2f}"


def main():
    options = arguments()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        parameters = load_file(folder / manifest["parameters"])
        tokenizer = Tokenizer.from_file(str(folder / manifest["tokenizer"]))
        tokenizer.no_padding()
        tokenizer.enable_truncation(options.tokens)
        train, score = session(folder, manifest, "train"), session(folder, manifest, "score")
        whole = multiplies_whole_numbers(folder, manifest)
    print(f"{manifest['name']}, mode {manifest['mode']}, {options.examples} examples, {options.epochs} epochs, tested on {options.test_examples}", flush=True)
    for rate in options.rates or [manifest["training"]["learningRate"]]:
        ours, theirs, seconds = [], [], []
        for seed in range(1, options.seeds + 1):
            steps, tests = seed_batches(options, manifest, tokenizer, seed)
            rates = schedule(manifest["training"], rate, len(steps))
            start = time.process_time()
            losses, trained = onnx_train(train, manifest, parameters, steps, rates)
            own = right(tests, lambda ids, mask: score.run(["logits"], {**tokens_of(manifest, ids, mask), **trained})[0])
            ours.append(100 * own.mean())
            seconds.append(time.process_time() - start)
            line = f"rate {rate:g}, seed {seed}: ONNX Runtime {ours[-1]:.2f} %, last loss {losses[-1]:.4f}"
            if options.encoder:
                start = time.process_time()
                classifier = Classifier(*bert(options.encoder, options.heads, whole), manifest, parameters)
                their_losses = classifier.train(steps, rates)
                with torch.no_grad():
                    other = right(tests, classifier.logits)
                theirs.append(100 * other.mean())
                line += f"; PyTorch {theirs[-1]:.2f} %, {their_losses[-1]:.4f}; {(own != other).sum()} texts differ; {time.process_time() - start:.0f} s of PyTorch"
            print(f"{line}; {seconds[-1]:.0f} s", flush=True)
        print(f"rate {rate:g}: ONNX Runtime {spread(ours)} %", end="")
        if theirs:
            print(f", PyTorch {spread(theirs)} %, difference {spread(np.subtract(ours, theirs))}", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
