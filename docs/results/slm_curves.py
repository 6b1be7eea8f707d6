"""Trains an SLM package's train graph in plain ONNX Runtime and the same encoder in PyTorch, on the same batches, and compares the losses.

    python docs/results/slm_curves.py --package lora.slm.zip --encoder encoder.onnx --texts sst2.train.jsonl.gz

The package is one of `crosslm slm build --encoder encoder.onnx`, of any mode and a BERT encoder (MiniLM, BGE, E5). PyTorch's model is
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


def examples_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def batch(chosen, tokenizer, names, padding=0):
    """Ids [B, T], mask [B, T], labels [B] of examples."""
    rows = [tokenizer.encode(example["text"]).ids for example in chosen]
    ids = np.full((len(rows), max(map(len, rows))), padding, dtype=np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = row
        mask[i, : len(row)] = 1
    return ids, mask, np.array([names.index(example["label"]) for example in chosen])


def batches(options, tokenizer, names):
    """Every step's batch: the file's examples in the seed's order."""
    examples = examples_of(options.texts)
    order = np.random.default_rng(options.seed).permutation(len(examples))[: options.steps * options.batch]
    padding = tokenizer.padding["pad_id"] if tokenizer.padding else 0
    tokenizer.no_padding()
    tokenizer.enable_truncation(options.tokens)
    for start in range(0, len(order), options.batch):
        yield batch([examples[i] for i in order[start : start + options.batch]], tokenizer, names, padding)


def session(folder, manifest, graph, packed=True):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    if not packed:
        options.add_session_config_entry("session.disable_prepacking", "1")
    return onnxruntime.InferenceSession(str(folder / manifest["graphs"][graph]), options)


def tokens_of(manifest, ids, mask):
    tokens = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return {name: tokens[name] for name in manifest["tokenInputs"]}


def features(folder, manifest):
    """What the train graph reads of ids and mask: tokens, or in mode head the encoder's embedding."""
    if manifest["mode"] != "head":
        return lambda ids, mask: tokens_of(manifest, ids, mask)
    encode = session(folder, manifest, "encode")
    return lambda ids, mask: {"embedding": encode.run(["embedding"], tokens_of(manifest, ids, mask))[0]}


def onnx_train(train, manifest, parameters, steps, rates, read=None):
    """The package as a device uses it, with nothing but ONNX Runtime: the losses before each step and the parameters after the last one."""
    training = manifest["training"]
    state = dict(parameters)
    for name, value in parameters.items():
        state[name + ".m"] = np.zeros_like(value)
        state[name + ".v"] = np.zeros_like(value)
    outputs = [output.name for output in train.get_outputs()]
    losses = []
    for step, ((ids, mask, labels), rate) in enumerate(zip(steps, rates), 1):
        scalars = {
            "learning_rate": rate,
            "weight_decay": training["weightDecay"],
            "correction1": 1 - BETAS[0] ** step,
            "correction2": 1 - BETAS[1] ** step,
            "penalty": 0,
        }
        feed = {name: np.array(value, dtype=np.float32) for name, value in scalars.items()}
        feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[labels]
        feed["row_weights"] = np.full(len(labels), 1 / len(labels), dtype=np.float32)
        feed.update(read(ids, mask) if read else tokens_of(manifest, ids, mask))
        result = dict(zip(outputs, train.run(outputs, {**feed, **state})))
        state = {name: result[name + ".new"] for name in state}
        losses.append(float(result["loss"]))
    return losses, {name: state[name] for name in parameters}


def weights(graph):
    """The initial values; those of whole numbers, as dynamic quantisation names them, as floats under the name before."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for name in [name for name in values if name.endswith("_quantized")]:
        base = name[: -len("_quantized")]
        values[base] = (values[name].astype(np.float32) - values[base + "_zero_point"]) * values[base + "_scale"]
    return values


def products(graph):
    """{result: matrix} of all products of a value and a weight."""
    found = {}
    for node in graph.node:
        if node.op_type == "MatMul":
            found[node.output[0]] = node.input[1]
        elif node.op_type == "MatMulInteger":  # then a Cast, then the scales
            result = node.output[0]
            for _ in range(2):
                result = next(other.output[0] for other in graph.node if result in other.input)
            found[result] = node.input[1][: -len("_quantized")]
    return found


def rounded(values):
    """As DynamicQuantizeLinear rounds, to 8 bits by the least and the largest number of all; the gradient passes as if it did not."""
    low, high = values.detach().min().clamp(max=0), values.detach().max().clamp(min=0)
    scale = (high - low) / 255
    zero = (-low / scale).round()
    whole = ((values.detach() / scale).round() + zero).clamp(0, 255)
    return values + ((whole - zero) * scale - values).detach()


def multiplies_whole_numbers(folder, manifest):
    """Whether the package's train graph does; packages of int8 encoders do, but those with --dp-sgd."""
    graph = onnx.load(str(folder / manifest["graphs"]["train"]), load_external_data=False).graph
    return any(node.op_type == "MatMulInteger" for node in graph.node)


def bert(path, heads, whole=False):
    """BertModel with the file's weights, and {name in the file: (parameter, transposed)}; if asked for, what is multiplied with whole numbers is rounded."""
    graph = onnx.load(str(path)).graph
    values = weights(graph)
    matrices = products(graph)
    places = {name: (name, False) for name in values}
    for node in graph.node:  # a matrix has no name; the bias that is added to its product has
        if node.op_type == "Add":
            bias = next((name for name in node.input if name.endswith(".bias") and name in values), None)
            matrix = next((matrices[name] for name in node.input if name in matrices), None)
            if bias and matrix in values:
                places[matrix] = (bias[: -len("bias")] + "weight", True)
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
    for name, (parameter, _) in places.items():
        if whole and name + "_quantized" in values and name in matrices.values():
            model.get_submodule(parameter.rpartition(".")[0]).register_forward_pre_hook(lambda _, inputs: (rounded(inputs[0]),))
    return model, {name: (owned[parameter], turned) for name, (parameter, turned) in places.items()}


class Lora(torch.nn.Module):
    """y = W x + 2 B A x: rank 8, alpha 16."""

    def __init__(self, linear, a, b):
        super().__init__()
        self.linear, self.a, self.b = linear, a, b

    def forward(self, x):
        return self.linear(x) + 16 / self.a.shape[0] * F.linear(F.linear(x, self.a), self.b)


class Classifier:
    """An encoder in PyTorch, whose parameters lie at places by their names in the package, with the package's own, and AdamW as its manifest says."""

    def __init__(self, model, places, manifest, parameters):
        self.manifest = manifest
        self.model = model
        for parameter in self.model.parameters():
            parameter.requires_grad_(False)
        self.own = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in parameters.items() if name not in places}
        trained = list(self.own.values())
        for name in parameters.keys() & places.keys():
            trained.append(places[name][0].requires_grad_(True))
        for name in self.own:
            if name.endswith(".lora_A"):
                layer = name[: -len(".lora_A")]
                parent = self.model.get_submodule(layer.rpartition(".")[0])
                setattr(parent, layer.rpartition(".")[2], Lora(self.model.get_submodule(layer), self.own[name], self.own[layer + ".lora_B"]))
        training = manifest["training"]
        self.optimiser = torch.optim.AdamW(trained, lr=training["learningRate"], weight_decay=training["weightDecay"], betas=BETAS, eps=1e-8)

    def states(self, ids, mask):
        return self.model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state

    def logits(self, ids, mask):
        states = self.states(ids, mask)
        if self.manifest.get("pooling") == "cls":
            pooled = states[:, 0]
        else:
            weight = torch.tensor(mask)[:, :, None].float()
            pooled = (states * weight).sum(1) / weight.sum(1)
        if self.manifest["normalisedEmbedding"]:
            pooled = pooled / (pooled.square().sum(1, keepdim=True) + 1e-12).sqrt()
        return F.linear(pooled, self.own["head.weight"], self.own["head.bias"])

    def train(self, steps, rates):
        losses = []
        for (ids, mask, labels), rate in zip(steps, rates):
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            loss = F.cross_entropy(self.logits(ids, mask), torch.tensor(labels))
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
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
        rates = [manifest["training"]["learningRate"]] * len(steps)
        ours, _ = onnx_train(session(folder, manifest, "train"), manifest, parameters, steps, rates, features(folder, manifest))
        middle = time.perf_counter()
        torch.set_num_threads(1)
        theirs = Classifier(*bert(options.encoder, options.heads, multiplies_whole_numbers(folder, manifest)), manifest, parameters).train(steps, rates)
        end = time.perf_counter()
    print(f"package {options.package.name}: {manifest['name']}, mode {manifest['mode']}, {len(parameters)} tensors trained")
    for step in sorted({1, 2, 5, 10, 20, 30, 40, len(ours)}):
        if step <= len(ours):
            print(f"step {step:3d}  ONNX Runtime {ours[step - 1]:.6f}  PyTorch {theirs[step - 1]:.6f}")
    difference = np.abs(np.array(ours) - np.array(theirs))
    print(f"largest difference of {len(ours)} losses {difference.max():.2e}, mean {difference.mean():.2e}; mean of the last ten {np.mean(ours[-10:]):.4f} and {np.mean(theirs[-10:]):.4f}")
    print(f"seconds: ONNX Runtime {middle - start:.1f}, PyTorch {end - middle:.1f}")


if __name__ == "__main__":
    main()
