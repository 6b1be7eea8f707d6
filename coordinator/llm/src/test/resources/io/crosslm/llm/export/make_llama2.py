"""Makes llama2.ids.json: ids by Python's tokenizers of the tokenizer.json that is made of llama2.gguf.

llama2.tokenizer.json is what HuggingFaceTokenizer writes of io/crosslm/llm/format/tokenizers/llama2.gguf. Says how
many of the texts get the ids that llama.cpp gives them. Made with tokenizers 0.23.3: python make_llama2.py
"""

import json
import pathlib

import tokenizers

HERE = pathlib.Path(__file__).parent
TEXTS = HERE.parent / "format" / "tokenizers" / "llama2.golden.json"

tokenizer = tokenizers.Tokenizer.from_file(str(HERE / "llama2.tokenizer.json"))
vectors = []
same = 0
decoded = 0
for vector in json.loads(TEXTS.read_text("utf-8")):
    ids = tokenizer.encode(vector["text"], add_special_tokens=False).ids
    same += ids == vector["read"]
    if ids != vector["read"]:
        print(ascii(vector["text"]), ids, vector["read"])
    decoded += tokenizer.decode(ids, skip_special_tokens=False) == vector["text"]
    vectors.append({"text": vector["text"], "ids": ids})
assert tokenizer.encode("a").ids[0] == 1
print(tokenizers.__version__, same, "as llama.cpp,", decoded, "decode to the text, of", len(vectors))
lines = ",\n".join(json.dumps(v) for v in vectors)
(HERE / "llama2.ids.json").write_text("[\n" + lines + "\n]\n", "utf-8")
