"""Trains an SLM package's train graph in plain ONNX Runtime and the same encoder in PyTorch, on the same batches, and compares the losses.

    python docs/results/slm_curves.py --package lora.slm.zip --encoder encoder.onnx --texts sst2.train.jsonl.gz

The package is one of `crosslm slm build --mode lora|full|bias --encoder encoder.onnx`, of a BERT encoder (MiniLM, BGE, E5). PyTorch's model is
Transformers' BertModel with the weights of the ONNX file; adapters and head begin with the package's parameters. One thread each, no dropout.
Texts are lines {"text", "label"} with labels of the package. Needs numpy, onnx, onnxruntime, safetensors, tokenizers, torch, transformers.
"""

import argparse
import gzip
import json
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

BETAS = (0.9, 0.999)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--package", "--encoder", "--texts"):
        parser.add_argument(name, required=True, type=Path)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def batches(options, tokenizer, names):
    """Ids [B, T], mask [B, T], labels [B] of every step: the file's examples in the seed's order."""
    with gzip.open(options.texts, "rt", encoding="utf-8") as file:
        examples = [json.loads(line) for line in file]
    order = np.random.default_rng(options.seed).permutation(len(examples))[: options.steps * options.batch]
    tokenizer.no_padding()
    tokenizer.enable_truncation(options.tokens)
    for start in range(0, len(order), options.batch):
        chosen = [examples[i] for i in order[start : start + options.batch]]
        rows = [tokenizer.encode(example["text"]).ids for example in chosen]
        ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        yield ids, mask, np.array([names.index(example["label"]) for example in chosen])


def onnx_losses(folder, manifest, parameters, steps):
    """The package as a device uses it, with nothing but ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / manifest["graphs"]["train"]), options)
    training = manifest["training"]
    state = dict(parameters)
    for name, value in parameters.items():
        state[name + ".m"] = np.zeros_like(value)
        state[name + ".v"] = np.zeros_like(value)
    outputs = [output.name for output in session.get_outputs()]
    losses = []
    for step, (ids, mask, labels) in enumerate(steps, 1):
        scalars = {
            "learning_rate": training["learningRate"],
            "weight_decay": training["weightDecay"],
            "correction1": 1 - BETAS[0] ** step,
            "correction2": 1 - BETAS[1] ** step,
            "penalty": 0,
        }
        feed = {name: np.array(value, dtype=np.float32) for name, value in scalars.items()}
        feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[labels]
        feed["row_weights"] = np.full(len(labels), 1 / len(labels), dtype=np.float32)
        tokens = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed.update({name: tokens[name] for name in manifest["tokenInputs"]})
        result = dict(zip(outputs, session.run(outputs, {**feed, **state})))
        state = {name: result[name + ".new"] for name in state}
        losses.append(float(result["loss"]))
    return losses


def bert(path, heads):
    """BertModel with the file's weights, and {name in the file: (parameter, transposed)}."""
    graph = onnx.load(str(path)).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    places = {name: (name, False) for name in values}
    for node in graph.node:  # a matrix has no name; the bias that is added to its product has
        if node.op_type == "Add":
            bias = next((name for name in node.input if name.endswith(".bias") and name in values), None)
            product = next((other for other in graph.node if set(other.output) & set(node.input) and other.op_type == "MatMul"), None)
            if bias and product and product.input[1] in values:
                places[product.input[1]] = (bias[: -len("bias")] + "weight", True)
    table = values["embeddings.word_embeddings.weight"]
    config = BertConfig(
        vocab_size=table.shape[0],
        hidden_size=table.shape[1],
        num_hidden_layers=sum(name.endswith("attention.self.query.bias") for name in values),
        num_attention_heads=heads,
        intermediate_size=values["encoder.layer.0.intermediate.dense.bias"].shape[0],
        max_position_embeddings=values["embeddings.position_embeddings.weight"].shape[0],
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    owned = dict(model.named_parameters())
    places = {name: place for name, place in places.items() if place[0] in owned}
    missing = set(owned) - {name for name, _ in places.values()}
    if missing:
        raise SystemExit(f"not found in {path}: {sorted(missing)}")
    with torch.no_grad():
        for name, (parameter, turned) in places.items():
            owned[parameter].copy_(torch.tensor(values[name].T if turned else values[name]))
    return model, {name: (owned[parameter], turned) for name, (parameter, turned) in places.items()}


class Lora(torch.nn.Module):
    """y = W x + 2 B A x: rank 8, alpha 16."""

    def __init__(self, linear, a, b):
        super().__init__()
        self.linear, self.a, self.b = linear, a, b

    def forward(self, x):
        return self.linear(x) + 16 / self.a.shape[0] * F.linear(F.linear(x, self.a), self.b)


def torch_losses(options, manifest, parameters, steps):
    torch.set_num_threads(1)
    model, places = bert(options.encoder, options.heads)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    own = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in parameters.items() if name not in places}
    trained = list(own.values())
    for name in parameters.keys() & places.keys():
        trained.append(places[name][0].requires_grad_(True))
    for name in own:
        if name.endswith(".lora_A"):
            layer = name[: -len(".lora_A")]
            parent = model.get_submodule(layer.rpartition(".")[0])
            setattr(parent, layer.rpartition(".")[2], Lora(model.get_submodule(layer), own[name], own[layer + ".lora_B"]))
    training = manifest["training"]
    optimiser = torch.optim.AdamW(trained, lr=training["learningRate"], weight_decay=training["weightDecay"], betas=BETAS, eps=1e-8)
    losses = []
    for ids, mask, labels in steps:
        states = model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state
        weight = torch.tensor(mask)[:, :, None].float()
        pooled = (states * weight).sum(1) / weight.sum(1)
        if manifest["normalisedEmbedding"]:
            pooled = pooled / (pooled.square().sum(1, keepdim=True) + 1e-12).sqrt()
        loss = F.cross_entropy(F.linear(pooled, own["head.weight"], own["head.bias"]), torch.tensor(labels))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        parameters = load_file(folder / manifest["parameters"])
        steps = list(batches(options, Tokenizer.from_file(str(folder / manifest["tokenizer"])), manifest["labels"]))
        start = time.perf_counter()
        ours = onnx_losses(folder, manifest, parameters, steps)
        middle = time.perf_counter()
        theirs = torch_losses(options, manifest, parameters, steps)
        end = time.perf_counter()
    print(f"package {options.package.name}: {manifest['name']}, mode {manifest['mode']}, {len(parameters)} tensors trained")
    for step in sorted({1, 2, 5, 10, 20, 30, 40, len(ours)}):
        if step <= len(ours):
            print(f"step {step:3d}  ONNX Runtime {ours[step - 1]:.6f}  PyTorch {theirs[step - 1]:.6f}")
    difference = np.abs(np.array(ours) - np.array(theirs))
    print(f"largest difference of {len(ours)} losses {difference.max():.2e}, mean {difference.mean():.2e}; mean of the last ten {np.mean(ours[-10:]):.4f} and {np.mean(theirs[-10:]):.4f}")
    print(f"seconds: ONNX Runtime {middle - start:.1f}, PyTorch {end - middle:.1f}")


main()
