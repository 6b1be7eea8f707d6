"""Expected numbers of GeneratedTextsTest, FrontierDivergenceTest and ClassificationTest: python make_generation.py > generation.json

Plain Python and NumPy, written apart from the Java code. Where nltk and scikit-learn are installed, BLEU and F1 are
checked against them. The texts are our own.
"""

import collections
import json
import math
import re

import numpy as np

TEXTS = [
    "The boiler hums, and the radiator stays cold.",
    "The boiler hums and the radiator in the hall stays cold.",
    "A new belt stopped the noise; the drum turns again!",
    "The drum turns again, the noise is gone.",
    "Cold, cold, cold: the radiator stays cold.",
    "Überholt am Montag.",
    "Yes",
    "The boiler hums, and the radiator stays cold.",
]


def words(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())


def grams(tokens, n):
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def distinct(texts, n):
    every = [gram for text in texts for gram in grams(words(text), n)]
    return len(set(every)) / len(every)


def bleu(references, hypothesis):
    logs = 0.0
    for n in range(1, 5):
        counts = collections.Counter(grams(hypothesis, n))
        most = collections.Counter()
        for reference in references:
            for gram, count in collections.Counter(grams(reference, n)).items():
                most[gram] = max(most[gram], count)
        matched = sum(min(count, most[gram]) for gram, count in counts.items())
        if n == 1 and matched == 0:
            return 0.0
        logs += 0.25 * math.log((matched or 0.1) / max(1, sum(counts.values())))
    length = len(hypothesis)
    closest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
    return math.exp(logs) * (1.0 if length > closest else math.exp(1 - closest / length))


def self_bleu(texts):
    tokens = [words(text) for text in texts]
    return [bleu(tokens[:i] + tokens[i + 1 :], tokens[i]) for i in range(len(tokens))]


def check_bleu():
    try:
        from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    except ImportError:
        return
    tokens = [words(text) for text in TEXTS]
    for i, ours in enumerate(self_bleu(TEXTS)):
        others = tokens[:i] + tokens[i + 1 :]
        theirs = sentence_bleu(others, tokens[i], smoothing_function=SmoothingFunction().method1)
        assert abs(ours - theirs) < 1e-12, (i, ours, theirs)


def frontier(p, q, scale=5.0, mixtures=25):
    """MAUVE's area as its authors compute it from two histograms."""
    p, q = np.array(p, float) / np.sum(p), np.array(q, float) / np.sum(q)

    def kl(a, b):
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sum(np.where(a > 0, a * np.log(a / b), 0.0))

    curve = [[0, np.inf]]
    for w in np.linspace(1e-6, 1 - 1e-6, mixtures):
        r = w * p + (1 - w) * q
        curve.append([kl(q, r), kl(p, r)])
    curve.append([np.inf, 0])
    x, y = np.exp(-scale * np.array(curve)).T
    by_x, by_y = np.argsort(x, kind="stable"), np.argsort(y, kind="stable")
    return 0.5 * (np.trapezoid(y[by_x], x[by_x]) + np.trapezoid(x[by_y], y[by_y]))


def macro_f1(right, found):
    scores = []
    for label in sorted(set(right) | set(found)):
        tp = sum(r == f == label for r, f in zip(right, found))
        fp = sum(f == label != r for r, f in zip(right, found))
        fn = sum(r == label != f for r, f in zip(right, found))
        scores.append(2 * tp / (2 * tp + fp + fn))
    value = sum(scores) / len(scores)
    try:
        from sklearn.metrics import f1_score

        assert abs(value - f1_score(right, found, average="macro", zero_division=0)) < 1e-12
    except ImportError:
        pass
    return value


HISTOGRAMS = [
    ([5, 3, 2], [5, 3, 2]),
    ([5, 3, 2], [2, 3, 5]),
    ([8, 1, 1, 0], [1, 1, 0, 8]),
    ([10, 0], [0, 10]),
    ([7, 2, 0, 1, 4], [6, 3, 2, 0, 5]),
]
LABELS = ([0, 0, 1, 2, 2, 2, 1, 0], [0, 1, 1, 2, 0, 2, 4, 0])


def main():
    check_bleu()
    content = {
        "texts": TEXTS,
        "distinct": [distinct(TEXTS, n) for n in (1, 2, 3)],
        "selfBleu": self_bleu(TEXTS),
        "frontier": [{"real": p, "written": q, "area": frontier(p, q)} for p, q in HISTOGRAMS],
        "labels": {"right": LABELS[0], "found": LABELS[1], "macroF1": macro_f1(*LABELS)},
    }
    print(json.dumps(content, indent=1))


if __name__ == "__main__":
    main()
