"""Where a training step's time goes: the products of matrices and the rest, in a package's train graph and in PyTorch.

    python docs/results/slm_products.py --package lora.slm.zip --model peer-models/minilm --mode train-lora --peers peers

Both take steps on 16 x 64 tokens with two threads, without dropout, one after the other, and are looked at by their own profilers (ONNX Runtime's events of operators, PyTorch's
self CPU time). Prints milliseconds a step, what ours would be if all but the products, or the optimiser, took no time, and how near the products come to the fastest
product of large matrices on this machine. Needs what slm_train.py needs.
"""

import argparse
import json
import os
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("OMP_WAIT_POLICY", "ACTIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import load_file

PRODUCTS = {"MatMul", "FusedMatMul", "Gemm", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm"}
OPTIMISER = "AdamW"  # operators between values of a trained tensor's shape


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--package", "--model", "--peers"):
        parser.add_argument(name, required=True, type=Path)
    parser.add_argument("--mode", choices=["train-lora", "train-full"], required=True)
    for name, value in (("--batch", 16), ("--length", 64), ("--turns", 4), ("--steps", 5), ("--threads", 2)):
        parser.add_argument(name, type=int, default=value)
    return parser.parse_args()


def onnx_step(options, folder, profiled):
    """One step of the train graph, and its session."""
    manifest = json.loads((folder / "manifest.json").read_text())
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.enable_profiling = profiled
    settings.profile_file_prefix = str(folder / "profile")
    session = onnxruntime.InferenceSession(str(folder / manifest["graphs"]["train"]), settings)
    shape = (options.batch, options.length)
    ids = np.random.default_rng(1).integers(1000, 30_000, shape)
    tokens = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    feed = {name: tokens[name] for name in manifest["tokenInputs"]}
    numbers = {"learning_rate": 1e-3, "weight_decay": 0.01, "correction1": 0.1, "correction2": 0.001, "penalty": 0}
    feed.update({name: np.array(value, dtype=np.float32) for name, value in numbers.items()})
    feed["targets"] = np.eye(len(manifest["labels"]), dtype=np.float32)[np.arange(options.batch) % len(manifest["labels"])]
    feed["row_weights"] = np.full(options.batch, 1 / options.batch, dtype=np.float32)
    for name, value in load_file(folder / manifest["parameters"]).items():
        feed.update({name: value, name + ".m": np.zeros_like(value), name + ".v": np.zeros_like(value)})
    return session, lambda: session.run(None, feed)


def onnx_parts(options, folder):
    """Milliseconds of a step by operator, as ONNX Runtime's profiler sees them."""
    session, step = onnx_step(options, folder, profiled=True)
    for _ in range(options.steps + 1):
        step()
    events = json.loads(Path(session.end_profiling()).read_text())
    kernels = [event for event in events if event["name"].endswith("_kernel_time")]
    kernels = kernels[len(kernels) // (options.steps + 1) :]  # the first step only warms up
    manifest = json.loads((folder / "manifest.json").read_text())
    trained = {value.shape for value in load_file(folder / manifest["parameters"]).values()}
    parts = Counter()
    operations = 0
    for event in kernels:
        name = event["args"]["op_name"]
        shapes = {tuple(*value.values()) for value in event["args"]["input_type_shape"]}
        if name in ("Add", "Div", "Mul", "Sqrt", "Sub") and shapes & trained and shapes <= trained | {()}:
            name = OPTIMISER
        parts[name] += event["dur"] / 1000 / options.steps
        if name in PRODUCTS:
            operations += operations_of(event) / options.steps
    return parts, operations


def operations_of(event):
    """Two for each element of the result and each term of its sum; the left factor has rows x terms in its last dimensions, in either order."""
    shape = lambda which: next(iter(event["args"][which][0].values()))
    left, result = shape("input_type_shape"), shape("output_type_shape")
    if len(left) < 2 or len(result) < 2:
        return 0
    return 2 * np.prod(result) * left[-1] * left[-2] / result[-2]


def fastest_rate():
    """Operations a second of a product of large matrices in PyTorch."""
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    a @ b
    return max(2 * 2048**3 / (timed(lambda: a @ b, 1) / 1000) for _ in range(8))


def torch_parts(options, step):
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        for _ in range(options.steps):
            step()
    return Counter({event.key: event.self_cpu_time_total / 1000 / options.steps for event in profile.key_averages()})


def without_dropout(model, copy):
    """The peer's model in another folder, with nothing dropped: our graphs drop nothing."""
    copy.mkdir()
    for file in model.iterdir():
        if file.name != "config.json":
            (copy / file.name).symlink_to(file.resolve())
    config = json.loads((model / "config.json").read_text())
    config.update({name: 0.0 for name in ("hidden_dropout_prob", "attention_probs_dropout_prob")})
    (copy / "config.json").write_text(json.dumps(config))
    return copy


def timed(step, steps):
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps * 1000


def median(step, options):
    step()
    return float(np.median([timed(step, options.steps) for _ in range(options.turns)]))


def split(parts):
    products = sum(value for name, value in parts.items() if name in PRODUCTS)
    return products, sum(parts.values()) - products


def main():
    options = arguments()
    sys.path.insert(0, str(options.peers))
    import slm_train

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        # First, and done with before PyTorch computes: its threads spin while they wait, and would take the cores.
        session, ours = onnx_step(options, folder, profiled=False)
        step = median(ours, options)
        del session, ours
        own, operations = onnx_parts(options, folder)
        settings = {**vars(options), "model": without_dropout(options.model, folder / "peer")}
        theirs = slm_train.torch_action(SimpleNamespace(**settings, dtype="float32", compile=False, matmul="highest"))
        peer_step, other = median(theirs, options), torch_parts(options, theirs)
    (product, rest), (peer_product, peer_rest) = split(own), split(other)
    print(f"a step: ONNX Runtime {step:.0f} ms, PyTorch {peer_step:.0f} ms, ratio {peer_step / step:.2f}")
    print(f"profiled, products of matrices: {product:.0f} ms, PyTorch {peer_product:.0f} ms; the rest: {rest:.0f} ms, PyTorch {peer_rest:.0f} ms")
    print(f"with nothing but our products a step would take {step * product / (product + rest):.0f} ms, ratio {peer_step * (product + rest) / (step * product):.2f}")
    print(f"with an optimiser that takes no time, of which {own[OPTIMISER]:.0f} ms are profiled, {step * (1 - own[OPTIMISER] / (product + rest)):.0f} ms, ratio {peer_step / step / (1 - own[OPTIMISER] / (product + rest)):.2f}")
    print(f"the products: {operations / 1e9:.1f} GFLOP, {operations / product / 1e6:.0f} GFLOP/s; 2048 x 2048 x 2048 in PyTorch {fastest_rate() / 1e9:.0f} GFLOP/s")
    for title, parts in (("ONNX Runtime", own), ("PyTorch", other)):
        print(f"{title}: " + ", ".join(f"{name} {value:.1f}" for name, value in parts.most_common(12)))


if __name__ == "__main__":
    main()
