"""Checks that a demo's report is complete and agrees with itself."""

import json
import sys

# Usage: check_demo.py REPORT [MODEL ...]: the models are those of the fleet, if it is a mixed one.
report = json.load(open(sys.argv[1], encoding="utf-8"))
means = report["mean"]
for row in ("standalone", "ours", "pooled", "llmLabelsOnly", "devicesOnly", "askedLabels", "reported"):
    assert 0 < means[row] <= 1, f"row {row} is {means[row]}"
# The devices' own reports and the recomputation follow the same rules on the same data.
assert abs(means["ours"] - means["reported"]) < 0.02, f"devices report {means['reported']}, recomputed {means['ours']}"
assert report["bytes"]["up"] > 0 and report["bytes"]["down"] > 0, report["bytes"]
assert report["rounds"], "no round"
for round_ in report["rounds"]:
    assert round_["step"] == "CLOSED", round_["step"]
    assert round_["scoreReports"] >= 2, round_["scoreReports"]
    assert len(round_["outcome"]["devices"]) >= 2, round_["outcome"]["devices"]
fleet = sys.argv[2:]
for i, silo in enumerate(report["silos"] if fleet else []):
    assert silo["model"] == fleet[i % len(fleet)], silo
for round_ in report["rounds"] if fleet else []:
    # What the devices say, by the packages that they scored with.
    told = sorted(device["model"] for device in round_["outcome"]["devices"])
    assert told == sorted(silo["model"] for silo in report["silos"]), told
    assert sorted(model["model"] for model in round_["outcome"]["models"]) == sorted(fleet), round_["outcome"]["models"]
for model in report["models"]:
    assert abs(model["gain"] - (model["ours"] - model["standalone"])) < 1e-9, model
    assert abs(model["ours"] - model["reported"]) < 0.03, model
    print(f"{model['model']}: {model['devices']} devices, {model['standalone']:.3f} -> {model['ours']:.3f}")
print("the demo's report is complete:", json.dumps(means))
