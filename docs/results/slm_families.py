"""Trains encoders of many families, with random weights, by a package's train graph and in PyTorch, and compares gradients and losses.

    python docs/results/slm_families.py --crosslm ./crosslm --texts sst2.train.jsonl.gz --work DIR [FAMILY ...]

Every family is exported to ONNX by both exporters of PyTorch (torchscript, opset 17; dynamo, opset 18), with a tokenizer trained on the
texts. `crosslm slm build` makes a package in each mode; both sides then take the same steps from the same numbers. Nothing is downloaded.
Needs numpy, onnx, onnxruntime, onnxscript, safetensors, tokenizers, torch, transformers.
"""

import argparse
import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import traceback
import warnings
import zipfile
from pathlib import Path

import numpy as np
import tokenizers
import torch
import transformers
from safetensors.numpy import load_file
from slm_curves import BETAS, Classifier, batches, examples_of, features, onnx_train, session
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn

VOCABULARY, HIDDEN, LAYERS, HEADS = 2000, 32, 2, 4
SIZES = {"hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "intermediate_size": 2 * HIDDEN, "vocab_size": VOCABULARY}
MODES = ("head", "lora", "full", "bias")


class TextCnn(nn.Module):
    """Embeddings, two convolutions over the tokens, a rectifier after each; padding is zero before each."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, HIDDEN)
        self.first, self.second = nn.Conv1d(HIDDEN, HIDDEN, 3, padding=1), nn.Conv1d(HIDDEN, HIDDEN, 5, padding=2)

    def forward(self, input_ids, attention_mask):
        real = attention_mask[:, None, :].to(torch.float32)
        states = self.table(input_ids).transpose(1, 2)
        for layer in (self.first, self.second):
            states = torch.relu(layer(states * real))
        return states.transpose(1, 2)


class Bag(nn.Module):
    """Embeddings and a dense layer for each token by itself."""

    def __init__(self):
        super().__init__()
        self.table, self.dense = nn.Embedding(VOCABULARY, HIDDEN), nn.Linear(HIDDEN, HIDDEN)

    def forward(self, input_ids, attention_mask):
        return torch.tanh(self.dense(self.table(input_ids)))


class States(nn.Module):
    """A model of Transformers that answers with its last hidden states alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def of(name, tokenizer, attention="sdpa", **settings):
    """A family of Transformers by the beginning of its classes' names."""

    def make():
        config = getattr(transformers, name + "Config")(**{**SIZES, **settings})
        config._attn_implementation = attention
        kind = getattr(transformers, name + "Model")
        without_pooler = {"add_pooling_layer": False} if name in ("Bert", "Roberta", "XLMRoberta", "Camembert", "MPNet", "Albert") else {}
        return States(kind(config, **without_pooler))

    return make, tokenizer


def no_pad(pad):
    return {"pad_token_id": pad, "max_position_embeddings": 130}


FAMILIES = {
    "bert": of("Bert", "wordpiece"),
    "distilbert": of("DistilBert", "wordpiece", dim=HIDDEN, n_layers=LAYERS, n_heads=HEADS, hidden_dim=2 * HIDDEN),
    "electra": of("Electra", "wordpiece", embedding_size=16),
    "mpnet": of("MPNet", "wordpiece-1", "eager", **no_pad(1)),
    "roberta": of("Roberta", "bytes", **no_pad(1)),
    "xlm-roberta": of("XLMRoberta", "unigram", **no_pad(1)),
    "albert": of("Albert", "unigram", embedding_size=16, num_hidden_groups=1),
    "camembert": of("Camembert", "unigram", **no_pad(1)),
    "deberta-v2": of("DebertaV2", "unigram", "eager", relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=16, max_relative_positions=-1),
    "modernbert": of("ModernBert", "bytes", **no_pad(1), cls_token_id=0, sep_token_id=2, bos_token_id=0, eos_token_id=2),
    "cnn": (lambda: TextCnn(), "wordpiece"),
    "bag": (lambda: Bag(), "wordpiece"),
}


# A torch.onnx.export that folds constants makes one matrix of two of these weights; training that is another thing.
UNFOLDED = {"deberta-v2"}
# Nothing is there to be trained: ModernBERT has no biases, and the convolutions' family no linear layer.
REFUSED = {("modernbert", "bias"), ("cnn", "lora")}
TARGETS = {"bag": "dense"}


def train_tokenizer(kind, texts):
    """One of the four kinds that there are, with a vocabulary of the texts; padding is token 0, or 1 as in RoBERTa's line."""
    if kind.startswith("wordpiece"):
        special = ["<s>", "[PAD]", "</s>", "[UNK]"] if kind.endswith("-1") else ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    elif kind == "bytes":
        special = ["<s>", "<pad>", "</s>", "<unk>"]
        tokenizer = tokenizers.Tokenizer(models.BPE())
        tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=VOCABULARY, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        )
    else:
        special = ["<s>", "<pad>", "</s>", "<unk>"]
        tokenizer = tokenizers.Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=VOCABULARY, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    first, last = (special[2], special[3]) if special[0] == "[PAD]" else (special[0], special[2])
    pad = next(token for token in special if token.lower() in ("[pad]", "<pad>"))
    ends = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{first} $A {last}", pair=f"{first} $A {last} $B {last}", special_tokens=ends)
    tokenizer.enable_padding(pad_id=tokenizer.token_to_id(pad), pad_token=pad)
    return tokenizer


def randomise(model, seed=7):
    """No two numbers alike, biases and norms too, so that every parameter can be told by its values."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            one = 1.0 if parameter.dim() == 1 and name.endswith("weight") else 0.0
            scale = 0.1 if parameter.dim() == 1 else 1 / np.sqrt(parameter.shape[-1])
            parameter.copy_(one + scale * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def export(model, exporter, place, folded):
    ids = torch.randint(5, VOCABULARY, (2, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1, 6:] = 0
    names = ["input_ids", "attention_mask"]
    common = {"input_names": names, "output_names": ["last_hidden_state"]}
    if exporter == "torchscript":
        axes = {name: {0: "batch", 1: "tokens"} for name in [*names, "last_hidden_state"]}
        torch.onnx.export(model, (ids, mask), str(place), dynamo=False, opset_version=17, dynamic_axes=axes, do_constant_folding=folded, **common)
    else:
        axis = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
        torch.onnx.export(model, (ids, mask), str(place), dynamo=True, opset_version=18, dynamic_shapes=(axis, axis), external_data=False, **common)


def places_of(model, parameters):
    """{name in the package: (PyTorch's parameter, transposed)}, found by the values."""
    found = {}
    for name, value in parameters.items():
        for parameter in model.parameters():
            own = parameter.detach().numpy()
            if own.shape == value.shape and np.array_equal(own, value):
                found[name] = (parameter, False)
            elif own.T.shape == value.shape and np.array_equal(own.T, value):
                found[name] = (parameter, True)
    return found


def compare(options, model, package):
    """Largest relative difference of a first gradient, largest and mean difference of the losses, number of parameters."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        parameters = load_file(folder / manifest["parameters"])
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / manifest["tokenizer"]))
        steps = list(batches(options, tokenizer, manifest["labels"]))
        rates = [manifest["training"]["learningRate"]] * len(steps)
        read, train = features(folder, manifest), session(folder, manifest, "train")
        ours, _ = onnx_train(train, manifest, parameters, steps, rates, read)
        first = first_gradients(train, manifest, parameters, steps[0], rates[0], read)
        places = places_of(model, parameters)
        lost = [name for name in parameters if name not in places and not name.startswith("head.") and ".lora_" not in name]
        if lost:
            raise ValueError(f"no parameter of PyTorch's for {lost}")
        classifier = Trained(model, places, manifest, parameters)
        theirs, gradients = train_torch(classifier, steps, rates, places)
    worst = 0.0
    for name, gradient in gradients.items():
        worst = max(worst, float(np.abs(first[name] - gradient).max() / max(np.abs(gradient).max(), 1e-6)))
    difference = np.abs(np.array(ours) - np.array(theirs))
    return worst, difference.max(), difference.mean(), len(parameters), ours


def first_gradients(train, manifest, parameters, step, rate, read):
    """AdamW's first moment after one step is beta1 times the gradient."""
    ids, mask, labels = step
    scalars = {"learning_rate": rate, "weight_decay": 0, "correction1": 1 - BETAS[0], "correction2": 1 - BETAS[1], "penalty": 0}
    feed = {name: np.array(value, dtype=np.float32) for name, value in scalars.items()}
    feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[labels]
    feed["row_weights"] = np.full(len(labels), 1 / len(labels), dtype=np.float32)
    feed.update(read(ids, mask), **parameters)
    for name, value in parameters.items():
        feed[name + ".m"], feed[name + ".v"] = np.zeros_like(value), np.zeros_like(value)
    names = list(parameters)
    return {name: m / BETAS[0] for name, m in zip(names, train.run([name + ".m.new" for name in names], feed))}


class Trained(Classifier):
    """Of a model that answers with the hidden states themselves."""

    def states(self, ids, mask):
        return self.model(torch.tensor(ids), torch.tensor(mask))


def train_torch(classifier, steps, rates, places):
    """The losses before each step, and the gradients of the first as the package turns them."""
    losses = classifier.train(steps[:1], rates[:1])
    gradients = {name: parameter.grad.numpy().copy() for name, parameter in classifier.own.items()}
    for name, (parameter, turned) in places.items():
        gradient = parameter.grad.numpy()
        gradients[name] = (gradient.T if turned else gradient).copy()
    return losses + classifier.train(steps[1:], rates[1:]), gradients


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--crosslm", "--texts", "--work"):
        parser.add_argument(name, required=True, type=Path)
    for name, value in (("--steps", 50), ("--batch", 8), ("--tokens", 32), ("--seed", 1)):
        parser.add_argument(name, type=int, default=value)
    parser.add_argument("--modes", type=lambda text: text.split(","), default=MODES)
    parser.add_argument("--exporters", type=lambda text: text.split(","), default=("torchscript", "dynamo"))
    parser.add_argument("families", nargs="*", default=list(FAMILIES), metavar="FAMILY")
    return parser.parse_args()


def quietly(task):
    """Exporters write a page each."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return task()


class Refused(ValueError):
    pass


def build(options, folder, family, mode):
    package = folder / f"{mode}.slm.zip"
    targets = ["--lora-targets", TARGETS[family]] if mode == "lora" and family in TARGETS else []
    command = [options.crosslm.resolve(), "slm", "build", "--labels", "negative,positive", "--mode", mode, "--out", package]
    done = subprocess.run([*command, *targets, "--encoder", folder / "encoder.onnx", "--tokenizer", folder / "tokenizer.json"], capture_output=True, text=True)
    if done.returncode:
        raise Refused((done.stderr.strip() or done.stdout.strip()).splitlines()[0])
    return package


def main():
    options = arguments()
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    texts = [example["text"] for example in examples_of(options.texts)]
    failed = 0
    print("| family | exporter | mode | tensors | gradients | largest difference of the losses | mean | first loss, last |\n|---|---|---|---|---|---|---|---|", flush=True)
    for family in options.families:
        make, kind = FAMILIES[family]
        for exporter in options.exporters:
            folder = options.work / f"{family}-{exporter}"
            folder.mkdir(parents=True, exist_ok=True)
            train_tokenizer(kind, texts).save(str(folder / "tokenizer.json"))
            try:
                quietly(lambda: export(randomise(make()), exporter, folder / "encoder.onnx", family not in UNFOLDED))
            except Exception as problem:
                print(f"| {family} | {exporter} | PyTorch cannot export it: {str(problem).splitlines()[0][:200]} |", flush=True)
                continue
            for mode in options.modes:
                try:
                    worst, largest, mean, count, losses = compare(options, randomise(make()), build(options, folder, family, mode))
                    print(f"| {family} | {exporter} | {mode} | {count} | {worst:.1e} | {largest:.1e} | {mean:.1e} | {losses[0]:.4f}, {losses[-1]:.4f} |", flush=True)
                except Exception as problem:
                    if isinstance(problem, Refused) and (family, mode) in REFUSED:
                        print(f"| {family} | {exporter} | {mode} | refused: {problem} |", flush=True)
                        continue
                    failed += 1
                    print(f"| {family} | {exporter} | {mode} | FAILED: {problem} |", flush=True)
                    if os.environ.get("TRACE"):
                        traceback.print_exc()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
