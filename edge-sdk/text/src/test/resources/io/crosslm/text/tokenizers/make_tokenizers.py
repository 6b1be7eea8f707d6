"""Trains small tokenizers of several kinds and writes what Python's tokenizers make of hard texts.

Run: python make_tokenizers.py   (needs the package tokenizers; writes beside itself)
"""

import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent

TRAINING = [
    "The old ferry leaves the harbour at seven; it's never late, and we'll wait for it.",
    "I'm sure they've seen 1234 boats and 56 gulls. Don't worry, you'd see them, too!",
    "SHE SAID: I'LL GO THERE IN 2024, or in 2025... camelCase and HTTPServer work.",
    "Über den Flüssen wächst Gras; la rivière est près du café, où l'été commence.",
    "Река течёт медленно, и лодки стоят у берега. Мы ждём лодку утром.",
    "船は七時に港を出ます。河水慢慢地流。 배가 항구를 떠난다.",
    "def wait(boats):\n    for boat in boats:\n        print(boat)\n\n\treturn len(boats)\n",
    "the boat  the harbour   the gull    the river\n\n\nthe end\r\n",
    "What is it? It is a boat (small, red, fast). Price: $12.50 = 100%; a/b/c; x_y_z.",
] * 4

CONTROL = ["<|begin|>", "<|end|>"]
ADDED = "<added>"

TEXTS = """
a
 
  
   
\\n
\\n\\n
\\r\\n
\\t
 a
  a
   a
a 
a  
hello world
 hello  world   again    four
the boat the harbour
The old ferry isn't late; it's here, we'll go, they've gone, I'm in, you'd know, you're on
IT'S WE'LL THEY'VE I'M YOU'D YOU'RE DON'T
it\u017f o'\u017fee '\u017f
it\u2019s we\u2019ll
'sun 'tis 'more
1
12
123
1234
1234567890
a1b22c333d4444
3.14159 1,000,000 50% $12.50 2024-01-31
\u0663\u0664\u0665\u0666 \u00bd \u2167 \u00b2\u00b3 \u0967\u0968\u0969\u096a
Über Flüsse café où
U\u0308ber cafe\u0301 A\u030a\u0327 n\u0303
\u212b \u2126 \ufb01n \uff21\uff22
Река течёт медленно 123
船は七時に港を出ます。河水
배가 항구를 \u1112\u1161\u11ab
\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e
\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645 \u05e9\u05dc\u05d5\u05dd
\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35
\U0001f600
\U0001f600\U0001f680 \U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f1eb\U0001f1ee \u2764\ufe0f
\U0001d4d0\U0001d4d1 \U00020000x
mixed\u0420\u0435\u043a\u0430\u8239english
line one\\nline two\\r\\nline three\\n\\n\\nend
x \\n y  \\n  z\\n   
\\n a\\n  b\\n\\tc\\n
end.\\n\\nNext
a\\tb\\t\\tc
nb\u00a0sp\u00a0\u00a0ace\u2003wide\u3000ideo
\u00a0a \u00a0 b
zero\u200bwidth\ufeffmark
line\u2028sep\u0085next\u000bvt\u000cff
\u001c\u001d\u001e\u001f x
\u0001\u0004\u0007
!!! ??? ... --- ,,,!
!?\\n\\n a/b/c\\n/x //
(hello) [world] {x} <y> "z" `q`
def f(x):\\n    return x**2  # hi\\n
camelCase HTTPServer XMLHttpRequest iPhone ABCdef
\u01c5ungla \u02b0a \u00aab
_under_score_ __init__
\u2581
\u2581a \u2581 b\u2581\u2581c
 \u2581 x
a\u2581
<0x41> <0x0A>
<|begin|>
<|begin|>hello<|end|>
 <|begin|> hello <|end|> world
x<|begin|><|end|>y
<|begin|>\\n<|end|>\\n
<|begin<|begin|>|>
x <added> y<added>
<added>
<unk> <s> </s>
hello <unk>!
<s> a</s> b
aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
the the the thethethe
\u00ad\u00adsoft \u00e9\u00e9\u00e9
\ue000\ufffd\uffff \U0010ffff
""".strip("\n").split("\n")
TEXTS = [""] + [t.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t") for t in TEXTS]

TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
HEAD = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
LLAMA3 = HEAD + "{1,3}" + TAIL
QWEN2 = HEAD + TAIL
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(expression, ignore_merges=False, compose=False, begin=True):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if compose:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(expression), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True) for t in CONTROL])
    if begin:
        template = processors.TemplateProcessing(
            single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))]
        )
        tokenizer.post_processor = processors.Sequence(
            [processors.ByteLevel(trim_offsets=False), template]
        )
    return tokenizer


def sentence_piece(normalizer=None, metaspace=None, normalized=False):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    # SentencePiece's merges do not cross spaces, so the training cuts there.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    bytes_ = [f"<0x{b:02X}>" for b in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<unk>", "<s>", "</s>"] + bytes_,
        limit_alphabet=110,
        show_progress=False,
    )
    lines = [part for text in TRAINING for part in text.splitlines() if part]
    tokenizer.train_from_iterator(lines, trainer)
    found = json.loads(tokenizer.to_str())
    found["added_tokens"] = found["added_tokens"][:3]
    tokenizer = Tokenizer.from_str(json.dumps(found))
    if metaspace is None:
        del found
        state = json.loads(tokenizer.to_str())
        state["pre_tokenizer"] = None
        tokenizer = Tokenizer.from_str(json.dumps(state))
    else:
        tokenizer.pre_tokenizer = metaspace
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(steps + [decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens(
        [AddedToken(t, special=True, normalized=normalized) for t in CONTROL]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return tokenizer


def metaspace(scheme, split):
    return sentence_piece(
        metaspace=pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme, split=split)
    )


def vectors(tokenizer):
    found = []
    # Python's decoder does not know normalised control tokens again.
    control = [tokenizer.token_to_id(token) for token in CONTROL]
    for text in TEXTS:
        tokenizer.encode_special_tokens = False
        read = tokenizer.encode(text, add_special_tokens=False).ids
        begun = tokenizer.encode(text, add_special_tokens=True).ids
        plain = [i for i in read if i not in control]
        decoded = tokenizer.decode(plain, skip_special_tokens=True)
        tokenizer.encode_special_tokens = True
        as_text = tokenizer.encode(text, add_special_tokens=False).ids
        tokenizer.encode_special_tokens = False
        entry = {"text": text, "read": read, "asText": as_text}
        if ADDED in text:
            # Python has no way to read these as characters.
            del entry["asText"]
        entry["begin"] = begun[: len(begun) - len(read)]
        entry["decoded"] = decoded
        found.append(entry)
    return found


def main():
    llama2 = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    made = {
        "llama3": byte_level(LLAMA3, ignore_merges=True),
        "qwen2": byte_level(QWEN2, compose=True, begin=False),
        "tekken": byte_level(TEKKEN, ignore_merges=True),
        "llama2": sentence_piece(normalizer=llama2),
        "llama2-normalized": sentence_piece(normalizer=llama2, normalized=True),
        "metaspace-first": metaspace("first", False),
        "metaspace-always-split": metaspace("always", True),
    }
    # Not special: read like a control token, yet text when decoded.
    for name in ("qwen2", "metaspace-first"):
        made[name].add_tokens([AddedToken(ADDED, normalized=False)])
    for name, tokenizer in made.items():
        (HERE / f"{name}.json").write_text(tokenizer.to_str(pretty=False) + "\n", "utf-8")
        lines = [json.dumps(v) for v in vectors(tokenizer)]
        (HERE / f"{name}.golden.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
        print(name, tokenizer.get_vocab_size(), "tokens,", len(lines), "texts")


if __name__ == "__main__":
    main()
