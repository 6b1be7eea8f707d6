"""Times a package's plain train step against its private one, in turns, in plain ONNX Runtime.

    python docs/results/slm_private_step.py --package lora.slm.zip [--rows 16] [--tokens 64] [--turns 10] [--threads 2]

The package is one of `crosslm slm build --mode lora --dp-sgd`. Prints both medians and the median of the turns' ratios. Needs numpy, onnxruntime,
safetensors.
"""

import argparse
import json
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True, type=Path)
    for name, value in (("--rows", 16), ("--tokens", 64), ("--turns", 10), ("--threads", 2)):
        parser.add_argument(name, type=int, default=value)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        parameters = load_file(folder / manifest["parameters"])
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        sessions = [onnxruntime.InferenceSession(str(folder / manifest["graphs"][graph]), settings) for graph in ("train", "trainPrivate")]
    shape = (options.rows, options.tokens)
    ids = np.random.default_rng(1).integers(1000, 2000, shape)
    feed = {"input_ids": ids, "attention_mask": np.ones(shape, dtype=np.int64), "token_type_ids": np.zeros(shape, dtype=np.int64)}
    numbers = {"learning_rate": 1e-3, "weight_decay": 0.01, "correction1": 0.1, "correction2": 0.001, "penalty": 0, "clip_norm": 1, "batch_size": options.rows}
    feed.update({name: np.array(value, dtype=np.float32) for name, value in numbers.items()})
    feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[np.arange(options.rows) % 2]
    feed["row_weights"] = np.ones(options.rows, dtype=np.float32)
    for name, value in parameters.items():
        feed.update({name: value, name + ".m": np.zeros_like(value), name + ".v": np.zeros_like(value), name + ".noise": np.zeros_like(value)})
    times = []
    for turn in range(options.turns + 1):
        row = []
        for session in sessions:
            known = {value.name: feed[value.name] for value in session.get_inputs()}
            start = time.perf_counter()
            session.run(None, known)
            row.append(time.perf_counter() - start)
        if turn > 0:  # the first one only warms up
            times.append(row)
    times = np.array(times)
    plain, private = np.median(times, axis=0) * 1000
    ratio = np.median(times[:, 1] / times[:, 0])
    print(f"{manifest['name']}, mode {manifest['mode']}, {options.rows} x {options.tokens} tokens: plain {plain:.0f} ms, private {private:.0f} ms, ratio {ratio:.2f}")


main()
