"""Trains small tokenizers of encoders' kinds and writes what Python's tokenizers make of hard texts.

Run: python make_encoders.py   (needs the package tokenizers, made with 0.23.3; writes beside itself)

Nothing is taken from anybody's vocabulary: the training texts are our own, and the character map of
the Precompiled normaliser is made here from Unicode's own decompositions.
"""

import base64
import json
import pathlib
import struct
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

from make_tokenizers import TEXTS, TRAINING

HERE = pathlib.Path(__file__).parent
LONGEST = 8


def character_map():
    """Keys and replacements: a part of NFKC, white space to spaces, controls to nothing."""
    pairs = {}
    for c in [*range(0xA0, 0x250), *range(0x2000, 0x2200), *range(0x2460, 0x24FF)]:
        pairs[chr(c)] = unicodedata.normalize("NFKC", chr(c))
    for c in [*range(0x3000, 0x3100), *range(0xFB00, 0xFB07), *range(0xFF01, 0xFF9F)]:
        pairs[chr(c)] = unicodedata.normalize("NFKC", chr(c))
    for base in "aeiouncAEIOUNC":
        for mark in "\u0300\u0301\u0302\u0303\u0308\u0327":
            joined = unicodedata.normalize("NFC", base + mark)
            if len(joined) == 1:
                pairs[base + mark] = joined
    for c in [*range(1, 9), 0xB, *range(0xE, 0x20), 0x7F, 0x200D]:
        pairs[chr(c)] = ""
    for c in [*range(9, 14), 0x85, 0x2028, 0x2029, 0x200B, 0xFEFF]:
        if c != 0xB:
            pairs[chr(c)] = " "
    pairs["\U0001d4d0"] = "A"
    pairs["\u0e33"] = "\u0e4d\u0e32"
    return {k: v for k, v in pairs.items() if k != v}


def double_array(values):
    """A Darts-clone trie: keys of bytes to numbers, as 32-bit units."""
    root = {}
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = value
    units, used = {0: 0}, set()
    pending = [(0, root)]
    while pending:
        position, node = pending.pop()
        labels = [0 if label is None else label for label in node]
        # The offset is xor-ed, so that a multiple of 256 keeps the children of a node together.
        block = 0
        while True:
            base = next(
                (
                    b
                    for b in range(block, block + 256)
                    if b and all(b ^ label and b ^ label not in units for label in labels)
                    and b not in used
                ),
                None,
            )
            if base is not None:
                break
            block += 256
        used.add(base)
        offset = position ^ base
        assert offset < 1 << 21
        units[position] |= offset << 10 | (0x100 if None in node else 0)
        for label, child in node.items():
            if label is None:
                units[base] = 1 << 31 | child
            else:
                units[base ^ label] = label
                pending.append((base ^ label, child))
    size = (max(units) | 255) + 1
    return struct.pack(f"<{size}I", *(units.get(i, 0) for i in range(size)))


def precompiled():
    text, values = b"", {}
    for key, replacement in sorted(character_map().items()):
        values[key.encode()] = len(text)
        text += replacement.encode() + b"\0"
    trie = double_array(values)
    return normalizers.Precompiled(struct.pack("<I", len(trie)) + trie + text)


def parts(text):
    return [line for line in text.splitlines() if line]


def special(*contents):
    # Masks take the space before them, as in the published files of these kinds.
    return [AddedToken(c, special=True, normalized=False, lstrip="mask" in c) for c in contents]


def finish(tokenizer, control, decoder, post):
    tokenizer.add_special_tokens(special(*control))
    tokenizer.decoder = decoder
    tokenizer.post_processor = post(tokenizer)
    return tokenizer


def template(begin, end):
    def make(tokenizer):
        ids = [(token, tokenizer.token_to_id(token)) for token in (begin, end)]
        return processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=ids)

    return make


def roberta(tokenizer):
    pair = [(token, tokenizer.token_to_id(token)) for token in ("</s>", "<s>")]
    return processors.RobertaProcessing(*pair, trim_offsets=True, add_prefix_space=True)


def unigram(normalizer, pre_tokenizer, control, unknown, post, by_bytes=False):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=control, unk_token=unknown, show_progress=False
    )
    tokenizer.train_from_iterator([p for t in TRAINING for p in parts(t)], trainer)
    state = json.loads(tokenizer.to_str())
    if by_bytes:
        lowest = min(score for _, score in state["model"]["vocab"])
        state["model"]["vocab"] += [[f"<0x{b:02X}>", lowest - 1] for b in range(256)]
        state["model"]["byte_fallback"] = True
    state["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(state))
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    return finish(
        tokenizer, control, decoders.Sequence(steps + [decoders.Strip(" ", 1, 0)]), post
    )


def byte_level(control, normalizer, space_before, post):
    tokenizer = Tokenizer(models.BPE())
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=space_before)
    trainer = trainers.BpeTrainer(
        vocab_size=520,
        special_tokens=control,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(state))
    return finish(tokenizer, control, decoders.ByteLevel(), post)


def word_piece(control, unknown, normalizer, post):
    tokenizer = Tokenizer(models.WordPiece(unk_token=unknown))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=360, special_tokens=control, show_progress=False
    )
    tokenizer.train_from_iterator(TRAINING, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = []
    state["model"]["unk_token"] = unknown
    return finish(
        Tokenizer.from_str(json.dumps(state)), control, decoders.WordPiece(cleanup=False), post
    )


def made():
    metaspace = pre_tokenizers.Metaspace
    spaces = normalizers.Replace(Regex(" {2,}"), " ")
    fairseq = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bert = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    quotes = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"')]
    accents = [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    clean = [normalizers.Nmt(), normalizers.NFKC(), normalizers.Strip(), spaces]
    modern = byte_level(bert, normalizers.NFC(), False, template("[CLS]", "[SEP]"))
    modern.add_tokens([AddedToken(t, normalized=True) for t in ("  ", "    ", "|||NAME|||")])
    modern.add_tokens([AddedToken("gull", normalized=False, single_word=True, rstrip=True)])
    return {
        "xlm-roberta": unigram(
            normalizers.Sequence([precompiled(), spaces]),
            pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace()]),
            fairseq,
            "<unk>",
            template("<s>", "</s>"),
        ),
        "albert": unigram(
            normalizers.Sequence(quotes + accents + [precompiled()]),
            metaspace(),
            ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"],
            "<unk>",
            template("[CLS]", "[SEP]"),
        ),
        "unigram-bytes": unigram(
            normalizers.Sequence(clean),
            metaspace(prepend_scheme="always", split=False),
            bert,
            "[UNK]",
            template("[CLS]", "[SEP]"),
            by_bytes=True,
        ),
        "roberta": byte_level(fairseq, None, True, roberta),
        "modern-bert": modern,
        "bert": word_piece(
            bert, "[UNK]", normalizers.BertNormalizer(), template("[CLS]", "[SEP]")
        ),
        "mpnet-cased": word_piece(
            fairseq, "<unk>", normalizers.BertNormalizer(lowercase=False), roberta
        ),
    }


def texts(control):
    begin, mask = control[0], control[-1]
    own = [f"a {mask} b", f" {mask}", f"x{mask}\n y {begin}{mask}", f"{begin} {begin} z"]
    own += ["``quoted'' x", "|||NAME||| |||NAME|||x", "gulls gull  gull, seagull gull\t x"]
    own += ["İstanbul ISPARTA ΣΑΣ ẞ", "ｶﾞ ﾊﾟ Ａｂｃ １２", "①②⓪ ㍿ ﬁ ﬀ", "e\u0301\u0302x a\u0327\u0300"]
    own += ["กำ น้ำ", "\u0600\u0661 x", "\r\n\r \n", "क्षि क्‍ष ক্ষ", "\u1100\u1161\u11a8 x\u0308\u0301\u0323"]
    own += [" ".join(f"word{i * i % 97} boat{i % 7}" for i in range(150)), "x" * 400, "船" * 120]
    return TEXTS + own


def vectors(tokenizer, control):
    found = []
    for text in texts(control):
        read = tokenizer.encode(text).ids
        tokenizer.enable_truncation(LONGEST)
        cut = tokenizer.encode(text).ids
        tokenizer.no_truncation()
        entry = {"text": text, "read": read, "cut": cut}
        entry["decoded"] = tokenizer.decode(read, skip_special_tokens=True)
        if not any(token in text for token in control):
            # Ours never makes a control token out of characters; Python's Unigram does.
            tokenizer.encode_special_tokens = True
            entry["asText"] = tokenizer.encode(text).ids
            tokenizer.encode_special_tokens = False
        found.append(entry)
    return found


def main():
    for name, tokenizer in made().items():
        state = json.loads(tokenizer.to_str())
        control = [t["content"] for t in state["added_tokens"] if t["special"]]
        (HERE / f"{name}.json").write_text(tokenizer.to_str(pretty=False) + "\n", "utf-8")
        lines = [json.dumps(v) for v in vectors(tokenizer, control)]
        (HERE / f"{name}.golden.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
        print(name, tokenizer.get_vocab_size(), "tokens,", len(lines), "texts")


if __name__ == "__main__":
    main()
