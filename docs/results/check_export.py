"""Checks what `crosslm model export` wrote: Transformers and llama.cpp must answer as PEFT does with base and adapter apart.

  crosslm model export smollm2-135m-instruct --adapter GOLDEN/smollm2/adapter --format safetensors --output hf
  crosslm model export smollm2-135m-instruct --adapter GOLDEN/smollm2/adapter --format gguf --data-type f32 --output f32.gguf
  python docs/results/check_export.py --golden GOLDEN/smollm2 --folder hf --gguf f32.gguf

GOLDEN is edge-sdk/testkit/src/main/resources/io/crosslm/testkit/golden; its expected.json was made by PEFT, and our Java
model agrees with it (SmolLm2GoldenTest). Its adapter_model.safetensors is not kept there for SmolLM2: --make-adapter DIR
writes it by its formula. Several --folder and --gguf may be given. Needs torch, transformers, safetensors, llama-cpp-python.
"""

import argparse
import json
import math
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

torch.set_num_threads(2)

TOLERANCE = {"f32": 1e-3, "f16": 0.05, "bf16": 0.5}


def make_adapter(golden, folder):
    """The golden adapter's matrices by their formula (golden/README.md, lora.json): rank 4 on q_proj and v_proj."""
    from safetensors.torch import save_file

    expected = json.loads((golden / "adapter" / "expected.json").read_text())
    rank, amplitude, width, kv, layers = expected["rank"], expected["amplitude"], 576, 192, 30
    tensors = {}
    for layer in range(layers):
        for module, (name, out) in enumerate((("q_proj", width), ("v_proj", kv))):
            key = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            add = 0.31 * layer + 0.53 * module
            a = [[amplitude * math.sin(1 + 0.7 * i + 0.13 * j + 0.017 * i * j + add) for j in range(width)] for i in range(rank)]
            b = [[amplitude * math.cos(1 + 0.13 * i + 0.7 * j + 0.019 * i * j + add) for j in range(rank)] for i in range(out)]
            tensors[f"{key}.lora_A.weight"] = torch.tensor(a, dtype=torch.float64).float()
            tensors[f"{key}.lora_B.weight"] = torch.tensor(b, dtype=torch.float64).float()
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    (folder / "adapter_config.json").write_bytes((golden / "adapter" / "adapter_config.json").read_bytes())


def report(name, kind, case, logits, greedy, expected_greedy):
    last = case["lastLogits"]
    off = max(abs(float(logits[i]) - e) for i, e in zip(last["ids"], last["logits"]))
    same = next((n for n, (a, b) in enumerate(zip(greedy, expected_greedy)) if a != b), len(expected_greedy))
    print(f"{name:34} {case['name']:14} largest logit difference {off:.1e}   greedy {same}/{len(expected_greedy)} tokens equal")
    assert off < TOLERANCE[kind], (name, off)
    assert kind != "f32" or same == len(expected_greedy), (name, greedy, expected_greedy)


def check_folder(folder, cases, tokenizer_cases, conversations):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    kind = {"float32": "f32", "float16": "f16", "bfloat16": "bf16"}[json.loads((folder / "config.json").read_text())["torch_dtype"]]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Their arithmetic in float32, so that only the stored numbers count.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    for case in cases:
        ids = torch.tensor([case["ids"]])
        with torch.no_grad():
            logits = model(ids).logits[0, -1]
            out = model.generate(ids, max_new_tokens=len(case["greedyIds"]), min_new_tokens=len(case["greedyIds"]), do_sample=False,
                                 attention_mask=torch.ones_like(ids), eos_token_id=None, pad_token_id=0)
        report(f"transformers {folder.name} {kind}", kind, case, logits, out[0, ids.shape[1]:].tolist(), case["greedyIds"])
    wrong = [c["text"] for c in tokenizer_cases if tokenizer(c["text"], add_special_tokens=False).input_ids != c["ids"]]
    print(f"{'AutoTokenizer ' + folder.name:34} {len(tokenizer_cases) - len(wrong)}/{len(tokenizer_cases)} texts give our ids {wrong[:3]}")
    assert not wrong
    for talk in conversations:
        chat = tokenizer.apply_chat_template(talk["messages"], tokenize=False, add_generation_prompt=talk["addGenerationPrompt"])
        assert chat == talk["rendered"], (chat, talk["rendered"])
    print(f"{'chat template ' + folder.name:34} {len(conversations)}/{len(conversations)} conversations rendered alike")


def check_gguf(file, cases, tokenizer_cases):
    import llama_cpp
    import numpy as np

    # Its default keeps keys and values in float16, which costs 1e-2 of a logit.
    llama = llama_cpp.Llama(str(file), n_ctx=512, n_threads=2, logits_all=True, verbose=False,
                            type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32)
    kind = {"0": "f32", "1": "f16", "32": "bf16"}[llama.metadata["general.file_type"]]
    for case in cases:
        llama.reset()
        llama.eval(case["ids"])
        first = llama.scores[llama.n_tokens - 1].copy()
        logits, greedy = first, []
        for _ in case["greedyIds"]:
            greedy.append(int(np.argmax(logits)))
            llama.eval([greedy[-1]])
            logits = llama.scores[llama.n_tokens - 1]
        report(f"llama.cpp {file.name} {kind}", kind, case, first, greedy, case["greedyIds"])
    wrong = [c["text"] for c in tokenizer_cases
             if llama.tokenize(c["text"].encode(), add_bos=False, special=True) != c["ids"]]
    print(f"{'llama.cpp tokenizer ' + file.name:34} {len(tokenizer_cases) - len(wrong)}/{len(tokenizer_cases)} texts give our ids {wrong[:3]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--golden", type=Path, required=True)
    parser.add_argument("--make-adapter", type=Path)
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("--gguf", type=Path, action="append", default=[])
    args = parser.parse_args()
    if args.make_adapter:
        make_adapter(args.golden, args.make_adapter)
    cases = json.loads((args.golden / "adapter" / "expected.json").read_text())["cases"]
    tokenizer = json.loads((args.golden / "tokenizer.json").read_text())
    tokenizer_cases = tokenizer["vectors"] + tokenizer["specialParsed"]
    for folder in args.folder:
        check_folder(folder, cases, tokenizer_cases, tokenizer["conversations"])
    for file in args.gguf:
        check_gguf(file, cases, tokenizer_cases)


if __name__ == "__main__":
    main()
