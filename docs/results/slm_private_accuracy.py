"""What differential privacy costs a head: accuracies of a package's private training by examples and epsilon.

    python docs/results/slm_private_accuracy.py --package head.slm.zip --texts sst2.train.jsonl.gz --test sst2.test.jsonl.gz

The package is one of `crosslm slm build --mode head --dp-sgd`. It trains as a device does: all examples in each step, a cosine down to 0, Gaussian
noise for the epsilon over all steps (Renyi divergence of orders 2 to 255), clip norm 1. The rows "none" train without privacy. One thread. Needs
numpy, onnxruntime, safetensors, tokenizers.
"""

import argparse
import gzip
import json
import math
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

DELTA = 1e-5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--package", "--texts", "--test"):
        parser.add_argument(name, required=True, type=Path)
    parser.add_argument("--examples", type=lambda text: [int(count) for count in text.split(",")], default=[100, 400, 1600])
    parser.add_argument("--epsilons", type=lambda text: [float(epsilon) for epsilon in text.split(",")], default=[1, 4, 8])
    for name, value in (("--seeds", 5), ("--test-examples", 800)):
        parser.add_argument(name, type=int, default=value)
    return parser.parse_args()


def examples_of(file, count, random):
    with gzip.open(file, "rt") as lines:
        examples = [json.loads(line) for line in lines]
    return [examples[i] for i in random.permutation(len(examples))[:count]]


def noise_multiplier(steps, target):
    """The least one whose steps, each with all examples, keep (target, DELTA): Renyi divergence order / (2 sigma^2) of a step."""

    def epsilon(sigma):
        orders = range(2, 256)
        return min(a * steps / (2 * sigma**2) + math.log1p(-1 / a) - math.log(DELTA * a) / (a - 1) for a in orders)

    low, high = 1e-2, 1e4
    while high / low > 1.0001:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if epsilon(middle) <= target else (middle, high)
    return high


class Package:
    def __init__(self, file):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            zipfile.ZipFile(file).extractall(folder)
            self.manifest = json.loads((folder / "manifest.json").read_text())
            self.parameters = load_file(folder / self.manifest["parameters"])
            self.tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]))
            settings = onnxruntime.SessionOptions()
            settings.intra_op_num_threads = 1
            self.graphs = {graph: onnxruntime.InferenceSession(str(folder / path), settings) for graph, path in self.manifest["graphs"].items()}
        self.tokenizer.enable_padding()
        self.tokenizer.enable_truncation(self.manifest["maxTokens"])

    def run(self, graph, feed):
        known = {value.name: feed[value.name] for value in self.graphs[graph].get_inputs()}
        names = [value.name for value in self.graphs[graph].get_outputs()]
        return dict(zip(names, self.graphs[graph].run(None, known)))

    def embed(self, examples):
        rows = []
        for start in range(0, len(examples), 32):
            encoded = self.tokenizer.encode_batch([example["text"] for example in examples[start : start + 32]])
            ids = np.array([one.ids for one in encoded], dtype=np.int64)
            mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
            rows.append(self.run("encode", {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})["embedding"])
        return np.concatenate(rows)

    def train(self, embeddings, labels, sigma, random):
        """Gives the head; sigma None is without privacy."""
        training, count = self.manifest["training"], len(labels)
        steps = training["epochs"]
        state = {name: value.copy() for name, value in self.parameters.items()}
        for name, value in self.parameters.items():
            state.update({name + ".m": np.zeros_like(value), name + ".v": np.zeros_like(value)})
        weights = np.full(count, 1 if sigma else 1 / count, dtype=np.float32)
        feed = {"embedding": embeddings, "targets": np.eye(len(self.manifest["labels"]), dtype=np.float32)[labels], "row_weights": weights}
        for step in range(1, steps + 1):
            numbers = {
                "learning_rate": training["learningRate"] * (1 + math.cos(math.pi * (step - 1) / steps)) / 2,
                "weight_decay": training["weightDecay"],
                "correction1": 1 - training["beta1"] ** step,
                "correction2": 1 - training["beta2"] ** step,
                "penalty": 1 / (training["inverseStrength"] * count),
                "clip_norm": 1,
                "batch_size": count,
            }
            feed.update({name: np.array(value, dtype=np.float32) for name, value in numbers.items()})
            feed.update(state)
            if sigma:
                feed.update({name + ".noise": random.normal(0, sigma, value.shape).astype(np.float32) for name, value in self.parameters.items()})
            made = self.run("trainPrivate" if sigma else "train", feed)
            state = {name: made[name + ".new"] for name in state}
        return state


def main():
    options = arguments()
    package = Package(options.package)
    label = {name: index for index, name in enumerate(package.manifest["labels"])}
    random = np.random.default_rng(1)
    held = examples_of(options.test, options.test_examples, random)
    test, truth = package.embed(held), np.array([label[one["label"]] for one in held])
    most = max(options.examples)
    seeds = []
    for seed in range(1, options.seeds + 1):
        chosen = examples_of(options.texts, most, np.random.default_rng(seed))
        seeds.append((package.embed(chosen), np.array([label[one["label"]] for one in chosen])))
    print(f"{package.manifest['name']}, head, accuracy in % on {options.test_examples} texts, {options.seeds} seeds, delta {DELTA}")
    for count in options.examples:
        for epsilon in [*options.epsilons, None]:
            sigma = noise_multiplier(package.manifest["training"]["epochs"], epsilon) if epsilon else None
            right = []
            for seed, (embeddings, labels) in enumerate(seeds):
                state = package.train(embeddings[:count], labels[:count], sigma, np.random.default_rng(seed))
                logits = package.run("score", {"embedding": test, **state})["logits"]
                right.append(100 * np.mean(logits.argmax(1) == truth))
            name = f"epsilon {epsilon:g}, noise {sigma:.2f}" if epsilon else "none"
            print(f"{count:5d} examples, {name:26s} {np.mean(right):5.1f} +- {np.std(right, ddof=1):.1f}", flush=True)


main()
