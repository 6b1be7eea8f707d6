"""Checks that a demo's report is complete and agrees with itself."""

import json
import sys

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
print("the demo's report is complete:", json.dumps(means))
