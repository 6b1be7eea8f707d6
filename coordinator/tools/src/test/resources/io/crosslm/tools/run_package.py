"""Opens an SLM package and trains and scores with it by nothing but onnxruntime and numpy.

    python run_package.py PACKAGE

Compares every file with the manifest's size and SHA-256, makes five steps on one batch of made-up ids and scores it.
Prints a line of JSON: losses before each step, and the class distributions afterwards.
"""

import hashlib
import json
import math
import pathlib
import struct
import sys
import tempfile
import zipfile

import numpy as np
import onnxruntime

TARGETS = [0, 1, 0, 1]


def safetensors(path):
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[start:end], dtype=np.float32).reshape(entry["shape"])
    return tensors


def batch(manifest, folder):
    """The graphs' inputs of four texts of 3 to 6 tokens."""
    ids = np.zeros((4, 6), dtype=np.int64)
    for row in range(4):
        ids[row, : row + 3] = [2] + [5 + (7 * row + i) % 40 for i in range(row + 1)] + [3]
    tokens = {"input_ids": ids, "attention_mask": (ids > 0).astype(np.int64), "token_type_ids": np.zeros_like(ids)}
    tokens = {name: tokens[name] for name in manifest["tokenInputs"]}
    if "encode" not in manifest["graphs"]:
        return tokens
    session = onnxruntime.InferenceSession(str(folder / manifest["graphs"]["encode"]))
    return {"embedding": session.run(["embedding"], tokens)[0]}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        zipfile.ZipFile(sys.argv[1]).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        for file in manifest["files"]:
            data = (folder / file["name"]).read_bytes()
            if (len(data), hashlib.sha256(data).hexdigest()) != (file["size"], file["sha256"]):
                raise SystemExit(f"{file['name']} is not the manifest's")
        features = batch(manifest, folder)
        parameters = safetensors(folder / manifest["parameters"])
        state = dict(parameters)
        for name, value in parameters.items():
            state[name + ".m"] = state[name + ".v"] = np.zeros_like(value)
        train = onnxruntime.InferenceSession(str(folder / manifest["graphs"]["train"]))
        outputs = [output.name for output in train.get_outputs()]
        targets = np.eye(len(manifest["labels"]), dtype=np.float32)[TARGETS]
        losses = []
        for step in range(1, 6):
            scalars = {"learning_rate": 0.01, "weight_decay": 0, "correction1": 1 - 0.9**step, "correction2": 1 - 0.999**step, "penalty": 0}
            feed = {name: np.array(value, dtype=np.float32) for name, value in scalars.items()}
            feed.update(features, targets=targets, row_weights=np.full(4, 0.25, dtype=np.float32), **state)
            result = dict(zip(outputs, train.run(outputs, feed)))
            state = {name: result[name + ".new"] for name in state}
            losses.append(float(result["loss"]))
        score = onnxruntime.InferenceSession(str(folder / manifest["graphs"]["score"]))
        (logits,) = score.run(["logits"], {**features, **{name: state[name] for name in parameters}})
    distributions = [[math.exp(z) / sum(map(math.exp, row)) for z in row] for row in logits.tolist()]
    print(json.dumps({"losses": losses, "distributions": distributions}))


main()
