"""Makes pairs.json: how lm-evaluation-harness splits contexts and continuations into ids.

The tokenizer is a formula: "th" is 200, any other character its code point; the begin token is 1
and stands before a text if the case says so. Made with lm_eval 0.4.13: python make_pairs.py > pairs.json
"""

import json

from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM


class Formula:
    bos_token = "<s>"
    bos_token_id = 1

    def __init__(self, begins):
        self.begins = begins

    def encode(self, text, add_special_tokens=True):
        ids = [1] if self.begins and add_special_tokens else []
        while text:
            size = 2 if text.startswith("th") else 1
            ids.append(200 if size == 2 else ord(text[0]))
            text = text[size:]
        return ids

    def decode(self, token):
        return self.bos_token


class Splitting(HFLM):
    """The harness's model without a model: gives what the model would be asked."""

    def __init__(self, begins, longest):
        self.tokenizer = Formula(begins)
        self.backend = "causal"
        self.add_bos_token = None
        self.custom_prefix_token_id = None
        self._max_length = longest
        self.enable_thinking = None

    def _loglikelihood_tokens(self, requests, **unused):
        found = []
        for _, context, continuation in requests:
            if not context or not 0 < len(continuation) <= self._max_length:
                found.append(None)
                continue
            # As HFLM._loglikelihood_tokens: the model reads all but the last one.
            read = (context + continuation)[-(self._max_length + 1) :][:-1]
            found.append({"context": read[: len(read) - len(continuation) + 1], "continuation": continuation})
        return found


TEXTS = [("ab", "cd"), ("ab ", "cd"), ("ab \u00a0", "c"), ("", "abc"), ("", "\u0001a"), (" ", "ab"), ("t", "h"),
         ("t", "ha"), ("abcdefgh", "ijkl"), ("a", "bcdefghi"), ("a", "bcdefghij"), ("ab", "")]

cases = []
for begins in (False, True):
    model = Splitting(begins, 8)
    for context, continuation in TEXTS:
        request = Instance("loglikelihood", {}, (context, continuation), 0)
        found = model.loglikelihood([request], disable_tqdm=True)[0]
        cases.append({"begins": begins, "context": context, "continuation": continuation, "ids": found})
print(json.dumps({"contextLength": 8, "cases": cases}, indent=1))
