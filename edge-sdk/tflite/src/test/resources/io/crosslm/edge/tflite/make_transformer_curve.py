"""Golden of the light transformer: twelve steps of AdamW in PyTorch, by autograd, from given weights on given batches.

Run: python make_transformer_curve.py > transformer_curve.json   (torch 2.15.0)

Sizes are small and computed in float64: rows 23, places 6, size 8, heads 2, hidden layer 10, blocks 2, labels 3; batches of 4 texts of up to 7
words, the last of which have no place of their own. In a batch the last text is empty. Parameters are rounded to four decimals, so that float32
holds what is written. Targets are soft; rows have weights that sum to 1; the penalty on the head's matrix is 0.1.
"""

import json

import torch
import torch.nn.functional as F

ROWS, PLACES, SIZE, HEADS, HIDDEN, BLOCKS, LABELS = 23, 6, 8, 2, 10, 2, 3
TEXTS, WORDS, STEPS = 4, 7, 12
RATE, DECAY, PENALTY = 0.02, 0.1, 0.1


def parameters(random):
    shapes = {"embedding": [ROWS, SIZE], "position": [PLACES, SIZE]}
    for i in range(BLOCKS):
        for norm in ("attention_norm", "feed_forward_norm"):
            shapes |= {f"layer{i}_{norm}_weight": [SIZE], f"layer{i}_{norm}_bias": [SIZE]}
        shapes |= {f"layer{i}_attention_in_weight": [3 * SIZE, SIZE], f"layer{i}_attention_out_weight": [SIZE, SIZE]}
        shapes |= {f"layer{i}_feed_forward_in_weight": [HIDDEN, SIZE], f"layer{i}_feed_forward_in_bias": [HIDDEN]}
        shapes |= {f"layer{i}_feed_forward_out_weight": [SIZE, HIDDEN], f"layer{i}_feed_forward_out_bias": [SIZE]}
    shapes |= {"norm_weight": [SIZE], "norm_bias": [SIZE], "head_weight": [LABELS, 2 * SIZE], "head_bias": [LABELS]}
    values = {}
    for name, shape in shapes.items():
        value = torch.randn(shape, generator=random, dtype=torch.float64) / 2 + ("norm_weight" in name)
        values[name] = (torch.round(value * 1e4) / 1e4).requires_grad_()
    return values


def logits(p, ids, weights):
    count = weights.shape[1]
    words = p["embedding"][ids] * weights[:, :, None]
    x = words + p["position"][torch.arange(count).clamp(max=PLACES - 1)]
    # An empty text attends to all its padding, which does not count.
    seen = (weights > 0) | (weights.sum(1, keepdim=True) == 0)
    for i in range(BLOCKS):
        of = {name.removeprefix(f"layer{i}_"): value for name, value in p.items() if name.startswith(f"layer{i}_")}
        normed = F.layer_norm(x, [SIZE], of["attention_norm_weight"], of["attention_norm_bias"])
        q, k, v = F.linear(normed, of["attention_in_weight"]).view(TEXTS, count, 3, HEADS, SIZE // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, seen[:, None, None, :].expand(-1, HEADS, count, -1))
        x = x + F.linear(mixed.transpose(1, 2).reshape(TEXTS, count, SIZE), of["attention_out_weight"])
        normed = F.layer_norm(x, [SIZE], of["feed_forward_norm_weight"], of["feed_forward_norm_bias"])
        hidden = F.relu(F.linear(normed, of["feed_forward_in_weight"], of["feed_forward_in_bias"]))
        x = x + F.linear(hidden, of["feed_forward_out_weight"], of["feed_forward_out_bias"])
    u = F.layer_norm(x, [SIZE], p["norm_weight"], p["norm_bias"])
    mean = (weights[:, :, None] * u).sum(1) / weights.sum(1, keepdim=True).clamp(min=1)
    bag = words.sum(1) / weights.square().sum(1, keepdim=True).sqrt().clamp(min=1)
    return F.linear(torch.cat([mean, bag], 1), p["head_weight"], p["head_bias"])


def batch(random):
    lengths = torch.randint(1, WORDS + 1, [TEXTS, 1], generator=random)
    lengths[-1] = 0
    weights = (torch.arange(WORDS)[None] < lengths).double()
    ids = torch.randint(0, ROWS, [TEXTS, WORDS], generator=random) * weights.long()
    targets = torch.softmax(3 * torch.randn([TEXTS, LABELS], generator=random, dtype=torch.float64), 1)
    row_weights = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    return ids, weights, torch.round(targets * 1e4) / 1e4, row_weights


def numbers(tensor):
    return tensor.detach().flatten().tolist()


def main():
    random = torch.Generator().manual_seed(1)
    p = parameters(random)
    golden = {"rate": RATE, "decay": DECAY, "penalty": PENALTY, "texts": TEXTS, "words": WORDS, "labels": LABELS}
    golden["sizes"] = [ROWS, PLACES, SIZE, HEADS, HIDDEN, BLOCKS]
    golden["parameters"] = {name: {"shape": list(value.shape), "values": numbers(value)} for name, value in p.items()}
    optimiser = torch.optim.AdamW(p.values(), lr=RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=DECAY)
    steps = []
    for _ in range(STEPS):
        ids, weights, targets, row_weights = batch(random)
        divergence = F.kl_div(F.log_softmax(logits(p, ids, weights), 1), targets, reduction="none").sum(1)
        loss = (row_weights * divergence).sum()
        optimiser.zero_grad()
        (loss + PENALTY / 2 * p["head_weight"].square().sum()).backward()
        optimiser.step()
        steps.append({"ids": numbers(ids), "weights": numbers(weights), "targets": numbers(targets), "rowWeights": numbers(row_weights), "loss": loss.item()})
    golden["steps"] = steps
    ids, weights, _, _ = batch(random)
    golden["last"] = {"ids": numbers(ids), "weights": numbers(weights), "probabilities": numbers(torch.softmax(logits(p, ids, weights), 1))}
    print(json.dumps(golden))


main()
