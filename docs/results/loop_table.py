"""Makes the tables of docs/results/loop.md from reports of `crosslm demo` and `crosslm evaluate`.

Usage: python3 docs/results/loop_table.py FOLDER
FOLDER holds TASKSEED.json (crosslm demo --report) and TASKSEED.lambada.json (crosslm evaluate --json).
"""

import glob
import json
import os
import re
import statistics
import sys

ROWS = [
    ("standalone", "standalone: private texts only"),
    ("askedLabels", "asked-for labels (ZeroGen)"),
    ("llmLabelsOnly", "language model's labels only"),
    ("devicesOnly", "devices' labels only"),
    ("ours", "**CrossLM**"),
    ("pooled", "all private texts pooled (not allowed)"),
]


def percent(values):
    mean = 100 * statistics.mean(values)
    if len(values) == 1:
        return f"{mean:.1f}"
    return f"{mean:.1f} ± {100 * statistics.stdev(values) / len(values) ** 0.5:.1f}"


def reports(folder):
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
        name = re.fullmatch(r"([a-z0-9-]+)(\d)\.json", os.path.basename(path))
        if name:
            with open(path, encoding="utf-8") as file:
                found.setdefault(name.group(1), {})[int(name.group(2))] = json.load(file)
    return found


def lambada(folder, task, seed):
    path = os.path.join(folder, f"{task}{seed}.lambada.json")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return [figures for name, figures in json.load(file).items() if name != "untuned"][-1]


def print_task(folder, task, by_seed):
    seeds = sorted(by_seed)
    print(f"\n## {task}, seeds {', '.join(map(str, seeds))}\n")
    print("| labels of the pool | " + " | ".join(f"seed {s}" for s in seeds) + " | mean ± standard error |")
    print("|---|" + "---|" * (len(seeds) + 1))
    for row, title in ROWS:
        values = [by_seed[seed]["mean"][row] for seed in seeds]
        cells = [f"{100 * value:.1f}" for value in values]
        print(f"| {title} | " + " | ".join(cells) + f" | {percent(values)} |")
    gains = [by_seed[seed]["mean"]["ours"] - by_seed[seed]["mean"]["standalone"] for seed in seeds]
    print(f"\nGain over standalone: {percent(gains)} points.\n")
    print("| language model | " + " | ".join(f"seed {s}" for s in seeds) + " | mean |")
    print("|---|" + "---|" * (len(seeds) + 1))
    for key, title in (("accuracy", "accuracy as a classifier, %"), ("labelFidelity", "texts of the asked-for label, %")):
        pairs = [(by_seed[s]["llm"]["before"][key], by_seed[s]["llm"]["after"][key]) for s in seeds]
        cells = [f"{100 * a:.1f} → {100 * b:.1f}" for a, b in pairs]
        before, after = (100 * statistics.mean(side) for side in zip(*pairs))
        print(f"| {title} | " + " | ".join(cells) + f" | {before:.1f} → {after:.1f} |")
    kls = [by_seed[s]["llm"]["after"].get("guardKl") for s in seeds]
    shown = [f"{kl:.4f}" if kl is not None else "-" for kl in kls]
    known = [kl for kl in kls if kl is not None]
    print("| guard's KL, nats a token | " + " | ".join(shown) + f" | {statistics.mean(known):.4f} |")
    losses = [by_seed[s]["llm"]["after"].get("guardLoss") for s in seeds]
    if any(loss is not None for loss in losses):
        shown = [f"{100 * loss:+.2f} %" if loss is not None else "-" for loss in losses]
        known = [loss for loss in losses if loss is not None]
        print("| change of general passages' NLL by the guard (250 others) | " + " | ".join(shown) + f" | {100 * statistics.mean(known):+.2f} % |")
    figures = [lambada(folder, task, seed) for seed in seeds]
    if all(figures):
        cells = [f"{100 * f['relativeChange']:+.2f} %" for f in figures]
        mean = statistics.mean(f["relativeChange"] for f in figures)
        print("| change of LAMBADA's NLL (500 items) | " + " | ".join(cells) + f" | {100 * mean:+.2f} % |")
    sent = [by_seed[s]["bytes"] for s in seeds]
    up, down = (statistics.mean(b[k] for b in sent) for k in ("up", "down"))
    seconds = ", ".join(str(by_seed[s]["seconds"]["total"]) for s in seeds)
    memory = max(sum(by_seed[s]["peakMemoryBytes"].values()) for s in seeds)
    print(
        f"\nAll devices together: {up / 1000:.1f} kB up, {down / 1000:.1f} kB down; "
        f"{seconds} s; peak memory of all processes {memory / 1e9:.1f} GB."
    )


folder = sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)
tasks = reports(folder)
if not tasks:
    sys.exit(f"expected reports such as trec1.json in {folder} but found none; see the usage:\n{__doc__}")
for task, by_seed in tasks.items():
    print_task(folder, task, by_seed)
