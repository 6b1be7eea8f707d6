"""Scores texts in the order in which they come: batches of 16, padded to the longest text of each. Prints what 16 texts take.

    python score_loop.py PEERS --model DIR --texts FILE [--threads 2] [--runs 5] [--warmup 2] [--spin]

PEERS is the folder of common.py; DIR has model.onnx and tokenizer.json. Every run has texts of its own.
"""

import pathlib
import sys

sys.path.insert(0, sys.argv.pop(1))

import common
import numpy
import onnxruntime
import tokenizers

ROWS = 16


def main():
    parser = common.arguments(__doc__)
    parser.set_defaults(warmup=2)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--texts", type=pathlib.Path, required=True)
    parser.add_argument("--spin", action="store_true")
    options = parser.parse_args()
    texts = options.texts.read_text().splitlines()
    each = len(texts) // (options.runs + options.warmup)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    if not options.spin:
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    with common.PeakMemory() as memory:
        session = onnxruntime.InferenceSession(options.model / "model.onnx", settings, providers=["CPUExecutionProvider"])
        tokenizer = tokenizers.Tokenizer.from_file(str(options.model / "tokenizer.json"))
        tokenizer.enable_padding()
        parts = iter(range(0, len(texts), each))

        def run():
            first = next(parts)
            for start in range(first, first + each, ROWS):
                score(session, tokenizer, texts[start : min(start + ROWS, first + each)])

        timing = common.time_runs(run, options.runs, options.warmup)
    common.emit_time("loop", "score", timing, scale=1000 * ROWS / each, unit="ms/step", batch=each, peak_rss_mib=memory.peak)


def score(session, tokenizer, texts):
    encodings = tokenizer.encode_batch(texts)
    ids = numpy.array([encoding.ids for encoding in encodings], dtype=numpy.int64)
    mask = numpy.array([encoding.attention_mask for encoding in encodings], dtype=numpy.int64)
    (states,) = session.run(["last_hidden_state"], {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)})
    weights = mask[:, :, None].astype(numpy.float32)
    return (states * weights).sum(1) / weights.sum(1)


main()
