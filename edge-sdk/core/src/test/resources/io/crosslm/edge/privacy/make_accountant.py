"""Writes what Google's dp-accounting makes of 50 DP-SGD settings.

Run: python make_accountant.py > accountant.json   (made with dp-accounting 0.6.0)
"""

import json

from dp_accounting import dp_event
from dp_accounting.rdp import RdpAccountant

RATES = [0.001, 0.01, 0.1, 0.25, 0.5, 1.0]
MULTIPLIERS = [0.5, 0.8, 1.0, 1.3, 2.0, 4.0, 10.0]
STEPS = [1, 10, 100, 1000, 5000]
DELTAS = [1e-3, 1e-5, 1e-6, 1e-8]


def epsilon(rate, multiplier, steps, delta):
    step = dp_event.GaussianDpEvent(multiplier)
    if rate < 1:
        step = dp_event.PoissonSampledDpEvent(rate, step)
    accountant = RdpAccountant()
    accountant.compose(step, steps)
    return accountant.get_epsilon(delta)


def main():
    settings = []
    for i in range(50):
        # Strides without a common divisor with the lengths: every value of every list occurs.
        setting = {
            "samplingRate": RATES[i * 5 % 6],
            "noiseMultiplier": MULTIPLIERS[i * 3 % 7],
            "steps": STEPS[i * 2 % 5],
            "delta": DELTAS[i * 3 // 2 % 4],
        }
        setting["epsilon"] = epsilon(*setting.values())
        settings.append(setting)
    print("[\n" + ",\n".join(json.dumps(s) for s in settings) + "\n]")


if __name__ == "__main__":
    main()
