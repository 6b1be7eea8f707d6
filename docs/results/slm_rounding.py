"""How far the last hidden states of an encoder in int8 are apart when the same arithmetic is done in another order.

    python docs/results/slm_rounding.py --package lora.slm.zip --encoder encoder-q.onnx --texts sst2.train.jsonl.gz

ONNX Runtime with all of its optimisations and with none, PyTorch's BertModel that rounds the inputs of products alike, and one that rounds nothing.
Prints the length of the differences over that of the states. The package gives tokenizer and labels. Needs what slm_curves.py needs.
"""

import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from slm_curves import arguments, batches, bert
from tokenizers import Tokenizer


def onnx_states(options, ids, mask, level):
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = level
    session = onnxruntime.InferenceSession(str(options.encoder), settings)
    values = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    return session.run(["last_hidden_state"], {value.name: values[value.name] for value in session.get_inputs()})[0]


def torch_states(options, ids, mask, whole):
    model, _ = bert(options.encoder, options.heads, whole)
    with torch.no_grad():
        return model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).last_hidden_state.numpy()


def main():
    options = arguments()
    options.steps = 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zipfile.ZipFile(options.package).extractall(folder)
        manifest = json.loads((folder / "manifest.json").read_text())
        ids, mask, _ = next(batches(options, Tokenizer.from_file(str(folder / manifest["tokenizer"])), manifest["labels"]))
    level = onnxruntime.GraphOptimizationLevel
    plain = onnx_states(options, ids, mask, level.ORT_DISABLE_ALL)
    others = {
        "ONNX Runtime with all optimisations": onnx_states(options, ids, mask, level.ORT_ENABLE_ALL),
        "PyTorch, rounding alike": torch_states(options, ids, mask, True),
        "PyTorch without rounding": torch_states(options, ids, mask, False),
    }
    real = mask.astype(bool)
    for title, states in others.items():
        print(f"{title}: {np.linalg.norm(states[real] - plain[real]) / np.linalg.norm(plain[real]):.3f} from ONNX Runtime without optimisations")


if __name__ == "__main__":
    main()
