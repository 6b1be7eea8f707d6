"""Compares the memory that training steps take in ONNX Runtime with what the package's manifest says.

    python docs/results/slm_memory.py --package lora.slm.zip --shapes 8x32,16x64,32x96

A process of its own for each shape opens the score graph and runs it, as a device that has scored, then opens the train graph with a device's
settings (one thread) and makes three steps of random tokens; counted is how much its peak (VmHWM) lies above what it had before.
Linux only. Needs numpy, onnxruntime, safetensors.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file

MIB = 1 << 20
STEPS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", required=True, type=Path)
    parser.add_argument("--graph", default="train", choices=("train", "trainPrivate"))
    parser.add_argument("--shapes", default="8x32,16x64,32x96", type=lambda text: [tuple(map(int, one.split("x"))) for one in text.split(",")])
    return parser.parse_args()


def session(folder, manifest, graph):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(str(folder / manifest["graphs"][graph]), options)


def status(name):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"/proc/self/status has no {name}")


def features(manifest, rows, tokens):
    if manifest["mode"] == "head":
        return {"embedding": np.random.default_rng(1).standard_normal((rows, manifest["embeddingSize"]), dtype=np.float32)}
    ids = np.random.default_rng(1).integers(1000, 2000, (rows, tokens))
    values = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return {name: values[name] for name in manifest["tokenInputs"]}


def measure(folder, manifest, options, rows, tokens, result):
    parameters = load_file(folder / manifest["parameters"])
    score = session(folder, manifest, "score")
    score.run(None, {**features(manifest, rows, tokens), **parameters})
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    train = session(folder, manifest, options.graph)
    asked = [value.name for value in train.get_inputs()]
    feed = {name: np.float32(0.1) for name in asked if name in ("learning_rate", "weight_decay", "correction1", "correction2", "penalty", "clip_norm", "batch_size")}
    feed.update(features(manifest, rows, tokens))
    feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[np.arange(rows) % 2]
    feed["row_weights"] = np.full(rows, 1 / rows, dtype=np.float32)
    feed.update({name + ".noise": np.zeros_like(value) for name, value in parameters.items() if name + ".noise" in asked})
    # Values that stay in the runtime, as on a device: a step's outputs are the next one's inputs, and moments lie where they lay.
    state = {}
    for name, value in parameters.items():
        for end in ("", ".m", ".v"):
            state[name + end] = onnxruntime.OrtValue.ortvalue_from_numpy(value if end == "" else np.zeros_like(value))
    for step in range(STEPS):
        binding = train.io_binding()
        for name, value in feed.items():
            binding.bind_cpu_input(name, np.asarray(value))
        for name, value in state.items():
            binding.bind_ortvalue_input(name, value)
        outputs = ["loss"] + [name + ".new" for name in state]
        for name in outputs:
            old = name[: -len(".new")]
            if step > 0 and old.endswith((".m", ".v")):
                binding.bind_ortvalue_output(name, state[old])
            else:
                binding.bind_output(name)
        train.run_with_iobinding(binding)
        values = dict(zip(outputs, binding.get_outputs()))
        state = {name: values[name + ".new"] for name in state}
    result.put(status("VmHWM") - before)


def main():
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = "1"
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        memory = manifest["memory"][options.graph]
        print(f"{options.package.name}, {options.graph}: {memory}")
        for rows, tokens in options.shapes:
            result = processes.Queue()
            process = processes.Process(target=measure, args=(folder, manifest, options, rows, tokens, result))
            process.start()
            taken = result.get(timeout=600)
            process.join()
            told = memory["fixed"] + rows * (memory["perRow"] + tokens * memory["perToken"] + tokens * tokens * memory["perTokenPair"])
            print(f"{rows} x {tokens}: told {told / MIB:.0f} MiB, taken {taken / MIB:.0f} MiB, told / taken {told / taken:.2f}", flush=True)


if __name__ == "__main__":
    main()
