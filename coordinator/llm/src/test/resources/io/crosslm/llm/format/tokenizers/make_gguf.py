"""Puts the tables of edge-sdk/text's small tokenizers into GGUF files without tensors.

Expected ids are those of Python's tokenizers for byte-level tables (llama.cpp does not compose
Unicode, so it differs there) and those of llama.cpp for SentencePiece's scores.

Run: python make_gguf.py FOLDER   (FOLDER holds llama3.json and so on; needs gguf, llama-cpp-python)
"""

import json
import pathlib
import sys

import gguf
import llama_cpp

HERE = pathlib.Path(__file__).parent
PRE = {"llama3": "llama-bpe", "qwen2": "qwen2", "tekken": "tekken", "llama2": None}
TYPE = gguf.TokenType


def write(name, source, path):
    state = json.loads(source.read_text("utf-8"))
    vocabulary = dict(state["model"]["vocab"])
    added = state["added_tokens"]
    special = {t["content"] for t in added if t["special"]}
    plain = {t["content"] for t in added if not t["special"]}
    vocabulary.update({t["content"]: t["id"] for t in added})
    tokens = sorted(vocabulary, key=vocabulary.get)
    pre = PRE[name]
    types = [TYPE.CONTROL if t in special else TYPE.NORMAL for t in tokens]
    types = [TYPE.USER_DEFINED if t in plain else k for t, k in zip(tokens, types)]
    writer = gguf.GGUFWriter(path, "llama")
    if pre is None:
        types = [TYPE.BYTE if t.startswith("<0x") else k for t, k in zip(tokens, types)]
        types[vocabulary["<unk>"]] = TYPE.UNKNOWN
        writer.add_tokenizer_model("llama")
        normal = (t == TYPE.NORMAL for t in types)
        writer.add_token_scores([-float(i) if n else 0.0 for i, n in enumerate(normal)])
        writer.add_unk_token_id(vocabulary["<unk>"])
        writer.add_bos_token_id(vocabulary["<s>"])
        writer.add_eos_token_id(vocabulary["</s>"])
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        writer.add_token_merges([" ".join(m) for m in state["model"]["merges"]])
        writer.add_bos_token_id(vocabulary["<|begin|>"])
        writer.add_eos_token_id(vocabulary["<|end|>"])
        writer.add_add_bos_token(name != "qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def main(folder):
    for name in PRE:
        path = HERE / f"{name}.gguf"
        write(name, folder / f"{name}.json", path)
        vectors = json.loads((folder / f"{name}.golden.json").read_text("utf-8"))
        model = llama_cpp.Llama(str(path), vocab_only=True, verbose=False)
        same = 0
        for vector in vectors:
            text = vector["text"].encode("utf-8")
            read = model.tokenize(text, add_bos=False, special=True)
            as_text = model.tokenize(text, add_bos=False, special=False)
            if read == vector["read"] and as_text == vector.get("asText", as_text):
                same += 1
            else:
                print(name, repr(vector["text"]), read, vector["read"])
            if PRE[name] is None:
                vector["read"] = read
                if "asText" in vector:
                    vector["asText"] = as_text
            del vector["decoded"]
        print(name, same, "of", len(vectors), "are the same in tokenizers and llama.cpp")
        lines = ",\n".join(json.dumps(v) for v in vectors)
        (HERE / f"{name}.golden.json").write_text("[\n" + lines + "\n]\n", "utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
