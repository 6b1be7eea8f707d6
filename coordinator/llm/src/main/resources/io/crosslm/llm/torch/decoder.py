# A decoder of the Llama, Mistral and Qwen families: RMSNorm, rotary positions, grouped-query
# attention, SwiGLU. What a family has beyond Llama is there or not there in the weights.
# TorchScript. The loader strips comments and types `self`; everything else is read by libtorch.
#
# Legend
#   B rows of a batch   T tokens that go in   S slots of keys and values that are attended to
#   L layers   C embedding size   H query heads   K key-value heads   G = H / K   D head size
#   F feed-forward size   V vocabulary size   R rank   N picked positions
#
# weights   embedding [V, C]
#           a layer: norm [C], q, k and v below each other [(H+2K)*D, C], o [C, H*D],
#                    norm [C], gate and up below each other [2F, C], down [C, F],
#                    bias of q, k and v [(H+2K)*D], head norms of q [D], k [D];
#                    empty in all layers where the family has none
#           norm [C], output [V, C], inverse frequencies [D/2], constants [4]
# constants in main memory: epsilon of the norms; window, how many tokens a token attends to, itself
#           included, 0 for all; the first layer with that window; factor of cosines and sines
# adapter   empty, or for each of q k v o gate up down of each layer A [R, in] and B [out, R];
#           a linear layer that is not adapted has empty tensors; then the share of inputs that
#           is dropped [], or an empty tensor for none
# caches    keys of L layers, then values of L layers, each [B, K, slots, D]; a token's slot is its
#           position, so a row's slots after its last token hold nothing that is read
# allowed   bool [B or 1, T, T]: which tokens a token attends to; T = 0 for a causal text.
#           A token itself and all tokens before it in its text, in the text's order: then the last
#           ones of them are its window, whatever padding stands between
# packed    matrices once more in the layout of oneDNN, whose product is faster but has no gradient:
#           none, or the output matrix, or that and qkv, o, gate-up, down of each layer
class Decoder(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool

  # x [..., in] -> x W^T [..., out], by the packed matrix where there is one
  def product(self, x: Tensor, weight: Tensor, packed: List[Tensor], index: int) -> Tensor:
    if torch.gt(torch.len(packed), index):
      y = ops.mkldnn._linear_pointwise(x, packed[index], None, "none", annotate(List[Optional[number]], []), "")
    else:
      y = torch.linear(x, weight)
    return y

  # Adds scale * (x A^T) B^T to the outputs [..., out] of linear layers that read the same x, of
  # which the adapter's first one has this index.
  def adapt(self, outputs: List[Tensor], x: Tensor, adapter: List[Tensor], index: int, scale: float) -> List[Tensor]:
    adapted = annotate(List[Tensor], [])
    if torch.eq(torch.len(adapter), 0):
      adapted = outputs
    else:
      flat = torch.reshape(x, [-1, torch.size(x, -1)])
      lows = self.lows(flat, adapter, index, torch.len(outputs))
      next = 0
      for i in range(torch.len(outputs)):
        y = outputs[i]
        b = adapter[2 * (index + i) + 1]
        z = y
        if torch.gt(torch.numel(b), 0):
          sum = torch.addmm(torch.reshape(y, [-1, torch.size(y, -1)]), lows[next], torch.t(torch.type_as(b, x)), beta=1, alpha=scale)
          z = torch.view(sum, torch.size(y))
          next = next + 1
        c = torch.append(adapted, z)
    return adapted

  # x [N, in] -> x A^T [N, R] for those of so many linear layers that are adapted
  def lows(self, x: Tensor, adapter: List[Tensor], index: int, count: int) -> List[Tensor]:
    share = adapter[torch.len(adapter) - 1]
    lows = annotate(List[Tensor], [])
    downs = annotate(List[Tensor], [])
    for i in range(count):
      a = adapter[2 * (index + i)]
      if torch.gt(torch.numel(a), 0):
        if torch.gt(torch.numel(share), 0):
          b = torch.append(lows, torch.linear(torch.dropout(x, float(share), True), torch.type_as(a, x)))
        else:
          c = torch.append(downs, a)
    if torch.gt(torch.len(downs), 0):
      lows = torch.chunk(torch.linear(x, torch.type_as(torch.cat(downs, 0), x)), torch.len(downs), -1)
    return lows

  # x [B, T, heads, D], angles [B, T, 1, D]: element d turns with d + D/2
  def rotate(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b, = torch.chunk(x, 2, -1)
    return torch.add(torch.mul(x, cos), torch.mul(torch.cat([torch.neg(b), a], -1), sin))

  # How many layers the weights are of.
  def layers(self, weights: List[Tensor]) -> int:
    return torch.floordiv(torch.len(weights) - 5, 9)

  # How many key-value heads they have.
  def keys(self, weights: List[Tensor]) -> int:
    D = 2 * torch.size(weights[torch.len(weights) - 2], 0)
    return torch.floordiv(torch.size(weights[2], 0) - torch.size(weights[3], 1), 2 * D)

  # seen bool [B or 1, T, S] -> the last `window` of the slots that each token sees
  def nearest(self, seen: Tensor, window: int) -> Tensor:
    rank = torch.cumsum(seen, -1)                                                # [B, T, S]
    after = torch.sub(torch.slice(rank, 2, -1), rank)
    return torch.logical_and(seen, torch.lt(after, window))

  # seen bool [B or 1, T, S] -> what is added to attention scores [B or 1, 1, G*T, S]. Queries of
  # one group stand below each other, so that keys need no copy per head.
  def mask(self, seen: Tensor, G: int, x: Tensor) -> Tensor:
    blocked = torch.repeat(torch.unsqueeze(torch.logical_not(seen), 1), [1, 1, G, 1])
    return torch.masked_fill(torch.zeros(torch.size(blocked), dtype=ops.prim.dtype(x), device=ops.prim.device(x)), blocked, -inf)

  # ids [B, T], positions [B, T] -> hidden states after the last norm [B, T, C].
  # With caches, keys and values are written to the tokens' slots, and slots 0 .. S are read.
  def hidden(self, ids: Tensor, positions: Tensor, allowed: Tensor, weights: List[Tensor], adapter: List[Tensor], scale: float, packed: List[Tensor], caches: List[Tensor], S: int) -> Tensor:
    count = torch.len(weights)
    layers = self.layers(weights)
    constants = weights[count - 1]
    epsilon = float(torch.select(constants, 0, 0))
    window = int(torch.select(constants, 0, 1))
    windowed = int(torch.select(constants, 0, 2))
    magnitude = float(torch.select(constants, 0, 3))
    biased = torch.gt(torch.numel(weights[7]), 0)
    normed = torch.gt(torch.numel(weights[8]), 0)
    frequencies = weights[count - 2]
    B = torch.size(ids, 0)
    T = torch.size(ids, 1)
    C = torch.size(weights[0], 1)
    D = 2 * torch.size(frequencies, 0)
    H = torch.floordiv(torch.size(weights[3], 1), D)
    K = self.keys(weights)
    G = torch.floordiv(H, K)
    x = torch.embedding(weights[0], ids)                                         # [B, T, C]
    angles = torch.mul(torch.unsqueeze(torch.to(positions, 6), -1), frequencies) # [B, T, D/2]
    angles = torch.unsqueeze(torch.cat([angles, angles], -1), 2)                 # [B, T, 1, D]
    cos = torch.cos(angles)
    sin = torch.sin(angles)
    if torch.ne(magnitude, 1.):
      cos = torch.mul(cos, magnitude)
      sin = torch.mul(sin, magnitude)
    cos = torch.type_as(cos, x)
    sin = torch.type_as(sin, x)
    if torch.gt(torch.len(caches), 0):
      slots = torch.arange(S, dtype=4, device=ops.prim.device(ids))
      seen = torch.le(slots, torch.unsqueeze(positions, -1))                     # [B, T, S]
    elif torch.eq(torch.numel(allowed), 0):
      seen = torch.unsqueeze(torch.tril(torch.ones([T, T], dtype=11, device=ops.prim.device(ids))), 0)
    else:
      seen = allowed
    far = self.mask(seen, G, x)
    near = far
    if torch.gt(window, 0):
      if torch.gt(torch.size(seen, 2), window):
        near = self.mask(self.nearest(seen, window), G, x)
    where = torch.expand(torch.view(positions, [torch.size(positions, 0), 1, T, 1]), [torch.size(positions, 0), K, T, D])
    for layer in range(layers):
      w = 1 + 9 * layer
      m = 7 * layer
      d = 1 + 4 * layer
      h = torch.rms_norm(x, [C], weights[w], epsilon)
      qkv = self.product(h, weights[w + 1], packed, d)
      if biased:
        qkv = torch.add(qkv, weights[w + 6])
      q, k, v, = self.adapt(torch.split_with_sizes(qkv, [H * D, K * D, K * D], -1), h, adapter, m, scale)
      q = torch.view(q, [B, T, H, D])
      k = torch.view(k, [B, T, K, D])
      v = torch.view(v, [B, T, K, D])
      if normed:
        q = torch.rms_norm(q, [D], weights[w + 7], epsilon)
        k = torch.rms_norm(k, [D], weights[w + 8], epsilon)
      q = torch.transpose(self.rotate(q, cos, sin), 1, 2)                        # [B, H, T, D]
      q = torch.reshape(q, [B, K, G * T, D])
      k = torch.transpose(self.rotate(k, cos, sin), 1, 2)                        # [B, K, T, D]
      v = torch.transpose(v, 1, 2)                                               # [B, K, T, D]
      if torch.gt(torch.len(caches), 0):
        k0 = torch.scatter_(caches[layer], 2, where, k)
        v0 = torch.scatter_(caches[layers + layer], 2, where, v)
        k = torch.slice(caches[layer], 2, 0, S)                                  # [B, K, S, D]
        v = torch.slice(caches[layers + layer], 2, 0, S)
      if torch.ge(layer, windowed):
        o = torch.scaled_dot_product_attention(q, k, v, near)                    # [B, K, G*T, D]
      else:
        o = torch.scaled_dot_product_attention(q, k, v, far)
      o = torch.reshape(torch.transpose(torch.view(o, [B, H, T, D]), 1, 2), [B, T, H * D])
      x = torch.add(x, self.adapt([self.product(o, weights[w + 2], packed, d + 1)], o, adapter, m + 3, scale)[0])
      h = torch.rms_norm(x, [C], weights[w + 3], epsilon)
      both = self.product(h, weights[w + 4], packed, d + 2)                      # [B, T, 2F]
      gate, up, = self.adapt(torch.chunk(both, 2, -1), h, adapter, m + 4, scale)
      u = torch.mul(torch.silu(gate), up)                                        # [B, T, F]
      x = torch.add(x, self.adapt([self.product(u, weights[w + 5], packed, d + 3)], u, adapter, m + 6, scale)[0])
    return torch.rms_norm(x, [C], weights[count - 4], epsilon)

  # x [..., C] -> logits [..., V], float32
  def logits(self, x: Tensor, weights: List[Tensor]) -> Tensor:
    return torch.to(torch.linear(x, weights[torch.len(weights) - 3]), 6)

  # The same for drawing, by the packed output matrix where there is one; it has no gradient.
  def nextLogits(self, x: Tensor, weights: List[Tensor], packed: List[Tensor]) -> Tensor:
    return torch.to(self.product(x, weights[torch.len(weights) - 3], packed, 0), 6)

  # The output matrix and those of so many layers, packed for products with so many rows; nothing
  # where the processor has no such product.
  def pack(self, weights: List[Tensor], layers: int, rows: int) -> List[Tensor]:
    packed = annotate(List[Tensor], [])
    if torch.__or__(torch.eq(ops.prim.dtype(weights[0]), 6), ops.mkldnn._is_mkldnn_bf16_supported()):
      a = torch.append(packed, ops.mkldnn._reorder_linear_weight(weights[torch.len(weights) - 3], rows))
      for layer in range(layers):
        w = 1 + 9 * layer
        for part in [1, 2, 4, 5]:
          b = torch.append(packed, ops.mkldnn._reorder_linear_weight(weights[w + part], rows))
    return packed

  # Fills caches with a batch of prompts; last [B] is the index of each row's last token, and what
  # follows it is padding -> logits after the last tokens [B, V].
  def prefill(self, ids: Tensor, positions: Tensor, last: Tensor, S: int, weights: List[Tensor], packed: List[Tensor], adapter: List[Tensor], scale: float, caches: List[Tensor]) -> Tensor:
    x = self.hidden(ids, positions, torch.empty([0]), weights, adapter, scale, packed, caches, S)
    rows = torch.arange(torch.size(ids, 0), dtype=4, device=ops.prim.device(ids))
    flat = torch.add(torch.mul(rows, torch.size(ids, 1)), last)
    return self.nextLogits(torch.index_select(torch.flatten(x, 0, 1), 0, flat), weights, packed)

  # Empty caches for so many rows and slots; zeros, because a slot that is not read has weight 0 and
  # must not be infinite.
  def caches(self, rows: int, slots: int, weights: List[Tensor]) -> List[Tensor]:
    count = torch.len(weights)
    layers = self.layers(weights)
    D = 2 * torch.size(weights[count - 2], 0)
    K = self.keys(weights)
    made = annotate(List[Tensor], [])
    for i in range(2 * layers):
      a = torch.append(made, torch.new_zeros(weights[0], [rows, K, slots, D]))
    return made

  # Caches with the given rows [B'] of old ones and room for so many slots, of which `filled` are copied.
  def regroup(self, caches: List[Tensor], rows: Tensor, filled: int, slots: int) -> List[Tensor]:
    made = annotate(List[Tensor], [])
    for i in range(torch.len(caches)):
      old = caches[i]
      new = torch.new_zeros(old, [torch.size(rows, 0), torch.size(old, 1), slots, torch.size(old, 3)])
      if torch.gt(filled, 0):
        a = torch.copy_(torch.slice(new, 2, 0, filled), torch.index_select(torch.slice(old, 2, 0, filled), 0, rows))
      b = torch.append(made, new)
    return made

  # Writes the given rows [N] of other caches over lanes [N] of these.
  def place(self, caches: List[Tensor], lanes: Tensor, others: List[Tensor], rows: Tensor) -> Tensor:
    for i in range(torch.len(caches)):
      other = torch.index_select(others[i], 0, rows)
      a = torch.index_copy_(torch.slice(caches[i], 2, 0, torch.size(other, 2)), 0, lanes, other)
    return lanes

  # Writes rows [N] of another tensor over lanes [N] of this one.
  def put(self, x: Tensor, lanes: Tensor, other: Tensor, rows: Tensor) -> Tensor:
    return torch.index_copy_(x, 0, lanes, torch.index_select(other, 0, rows))

  # Rows [B'] of a tensor.
  def pick(self, x: Tensor, rows: Tensor) -> Tensor:
    return torch.index_select(x, 0, rows)

  # Tensors below each other.
  def join(self, parts: List[Tensor]) -> Tensor:
    return torch.cat(parts, 0)

  # logits [B, V], uniform [B] in [0, 1) -> ids [B]. Temperature 0 takes the most likely token.
  # A token may be drawn if it is one of the topK likeliest (0: all), if the probability of the
  # likelier ones of these together is below topP of theirs, and if it has at least minP of the
  # likeliest one's probability (Holtzman et al. 2020; Nguyen et al. 2024).
  def draw(self, logits: Tensor, uniform: Tensor, temperature: float, topP: float, topK: int, minP: float) -> Tensor:
    if torch.le(temperature, 0.):
      ids = torch.argmax(logits, -1)
    else:
      p = torch.softmax(torch.div(logits, temperature), -1)
      if torch.__and__(torch.ge(topP, 1.), torch.le(topK, 0)):
        kept = torch.mul(p, torch.ge(p, torch.mul(torch.amax(p, [-1], True), minP)))
        ids = torch.squeeze(self.choose(kept, uniform), -1)
      else:
        ids = self.drawLikely(p, uniform, topP, topK, minP)
    return ids

  # kept [B, N] not negative -> index by the share of the uniform [B, 1]
  def choose(self, kept: Tensor, uniform: Tensor) -> Tensor:
    mass = torch.cumsum(torch.to(kept, 7), -1)
    level = torch.mul(torch.unsqueeze(torch.to(uniform, 7), -1), torch.slice(mass, 1, -1))
    choice = torch.sum(torch.le(mass, level), [-1], True)
    return torch.clamp(choice, 0, torch.size(kept, 1) - 1)

  # Sorting all tokens would cost more than the layers: the likeliest few reach topP in most rows,
  # and only the rows in which they do not are tried again with more.
  def drawLikely(self, p: Tensor, uniform: Tensor, topP: float, topK: int, minP: float) -> Tensor:
    V = torch.size(p, 1)
    ids = torch.zeros([torch.size(p, 0)], dtype=4, device=ops.prim.device(p))
    rows = torch.arange(torch.size(p, 0), dtype=4, device=ops.prim.device(p))
    count = ops.prim.min(256, V)
    if torch.gt(topK, 0):
      count = ops.prim.min(topK, V)
    left = p
    share = uniform
    going = True
    while going:
      top, order = torch.topk(left, count, -1)
      mass = torch.cumsum(top, -1)                                               # [B', count]
      all = torch.slice(mass, 1, -1)
      if torch.gt(topK, 0):
        goal = torch.mul(all, topP)
      else:
        goal = torch.full_like(all, topP)
      kept = torch.mul(top, torch.lt(torch.sub(mass, top), goal))
      kept = torch.mul(kept, torch.ge(kept, torch.mul(torch.slice(top, 1, 0, 1), minP)))
      found = torch.squeeze(torch.gather(order, 1, self.choose(kept, share)), -1)
      a = torch.index_copy_(ids, 0, rows, found)
      short = torch.flatten(torch.nonzero(torch.squeeze(torch.lt(all, goal), -1)))
      if torch.__or__(torch.ge(count, V), torch.__or__(torch.gt(topK, 0), torch.eq(torch.numel(short), 0))):
        going = False
      else:
        rows = torch.index_select(rows, 0, short)
        left = torch.index_select(left, 0, short)
        share = torch.index_select(share, 0, short)
        count = ops.prim.min(8 * count, V)
    return ids

  # Logits with what must not or should less be drawn: no end [V] in rows that must go on, and
  # tokens that were there before [B, V] by the penalty (Keskar et al. 2019; 1: none).
  def restrict(self, logits: Tensor, goesOn: Tensor, ends: Tensor, before: Tensor, penalty: float) -> Tensor:
    z = logits
    if torch.gt(torch.numel(before), 0):
      less = torch.where(torch.lt(z, 0.), torch.mul(z, penalty), torch.div(z, penalty))
      z = torch.where(before, less, z)
    if bool(torch.any(goesOn)):
      z = torch.masked_fill(z, torch.logical_and(torch.unsqueeze(goesOn, 1), torch.unsqueeze(ends, 0)), -inf)
    return z

  # Draws up to `steps` tokens for every row. next [B] is the position of a row's next token, the
  # highest of them is longest; held [B] is how many tokens must come before an end.
  # uniform [B, steps]; lasts bool [V] are tokens after which a row is finished, ends those of them
  # that are end tokens; before bool [B, V] are the tokens that a penalty is for, or it is empty.
  # more is 0 if nothing will be drawn after these.
  # -> ids [B, drawn]; logits [B, V] after them, if there is more and a row is not finished
  def generate(self, logits: Tensor, next: Tensor, longest: int, held: Tensor, uniform: Tensor, steps: int, more: int, lasts: Tensor, ends: Tensor, before: Tensor, temperature: float, topP: float, topK: int, minP: float, penalty: float, weights: List[Tensor], packed: List[Tensor], adapter: List[Tensor], scale: float, caches: List[Tensor]) -> List[Tensor]:
    B = torch.size(logits, 0)
    drawn = annotate(List[Tensor], [])
    finished = torch.zeros([B], dtype=11, device=ops.prim.device(logits))
    current = logits
    step = 0
    going = True
    while going:
      z = self.restrict(current, torch.gt(held, step), ends, before, penalty)
      ids = self.draw(z, torch.select(uniform, 1, step), temperature, topP, topK, minP)
      a = torch.append(drawn, torch.unsqueeze(ids, 1))
      if torch.gt(torch.numel(before), 0):
        b = torch.scatter_(before, 1, torch.unsqueeze(ids, 1), True)
      finished = torch.logical_or(finished, torch.index_select(lasts, 0, ids))
      if torch.ge(step + 1, steps + more):
        going = False
      elif bool(torch.all(finished)):
        going = False
      else:
        x = self.hidden(torch.unsqueeze(ids, 1), torch.unsqueeze(torch.add(next, step), 1), torch.empty([0]), weights, adapter, scale, packed, caches, longest + step + 1)
        current = self.nextLogits(torch.select(x, 1, 0), weights, packed)
        step = step + 1
        going = torch.lt(step, steps)
    return [torch.cat(drawn, 1), current]

  # Log-probabilities [N] of targets [N] after the picked positions [N] of the flattened batch.
  def logProbs(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    x = self.hidden(ids, positions, allowed, weights, adapter, scale, annotate(List[Tensor], []), annotate(List[Tensor], []), 0)
    x = torch.index_select(torch.reshape(x, [-1, torch.size(x, 2)]), 0, picked)  # [N, C]
    return torch.neg(torch.cross_entropy_loss(self.logits(x, weights), targets, None, 0))

  # As logProbs, with a second row that says where the target is the most likely token: [2, N].
  def scores(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    x = self.hidden(ids, positions, allowed, weights, adapter, scale, annotate(List[Tensor], []), annotate(List[Tensor], []), 0)
    x = torch.index_select(torch.reshape(x, [-1, torch.size(x, 2)]), 0, picked)
    z = self.logits(x, weights)                                                  # [N, V]
    greedy = torch.eq(torch.argmax(z, -1), targets)
    return torch.stack([torch.neg(torch.cross_entropy_loss(z, targets, None, 0)), torch.to(greedy, 6)])

  # Sums of values [N] by owner [N] -> [count]
  def sums(self, values: Tensor, owner: Tensor, count: int) -> Tensor:
    return torch.index_add(torch.new_zeros(values, [count]), 0, owner, values)

  # Losses of pairs (PreferenceLoss), plus the likelihood of the chosen texts.
  # owner [N]: 2p for a token of pair p's chosen text, 2p + 1 for its rejected one; chosen [N] is 1 or 0;
  # reference [2P]: sums of log-probabilities of the untuned model; divisors [2P]: tokens of a text, or 1.
  # kind 0, DPO: sum over pairs of -log sigmoid(beta * margin) / pairs; 1, IPO: of (margin - 1 / 2 beta)^2 / pairs
  # -> that + sftWeight * -sum of log p(chosen) / tokens
  def preference(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, owner: Tensor, chosen: Tensor, reference: Tensor, divisors: Tensor, kind: int, pairs: float, tokens: float, beta: float, sftWeight: float, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    p = self.logProbs(ids, positions, allowed, picked, targets, weights, adapter, scale)
    ratio = torch.div(torch.sub(self.sums(p, owner, torch.size(reference, 0)), reference), divisors)
    ratio = torch.view(ratio, [-1, 2])
    margin = torch.sub(torch.select(ratio, 1, 0), torch.select(ratio, 1, 1))
    if torch.eq(kind, 0):
      each = torch.neg(torch.log_sigmoid(torch.mul(margin, beta)))
    else:
      each = torch.square(torch.sub(margin, torch.div(1., 2. * beta)))
    loss = torch.div(torch.sum(each), pairs)
    likelihood = torch.div(torch.neg(torch.sum(torch.mul(p, chosen))), tokens)
    return torch.add(loss, torch.mul(likelihood, sftWeight))

  # KTO (Ethayarajh et al. 2024, eq. 8). owner [N]: completion of a token; reference [E]: sums of
  # log-probabilities of the untuned model; sign [E]: 1 desirable, -1 not; kl: the reference point
  # -> sum over completions of 1 - sigmoid(sign * beta * (ratio - kl)) / divisor
  def rated(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, owner: Tensor, reference: Tensor, sign: Tensor, kl: float, beta: float, divisor: float, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    p = self.logProbs(ids, positions, allowed, picked, targets, weights, adapter, scale)
    ratio = torch.sub(self.sums(p, owner, torch.size(reference, 0)), reference)
    value = torch.sigmoid(torch.mul(torch.mul(torch.sub(ratio, kl), sign), beta))
    return torch.div(torch.sum(torch.rsub(value, 1.)), divisor)

  # -sum of log-probabilities of all targets / tokens
  def likelihood(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, tokens: float, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    p = self.logProbs(ids, positions, allowed, picked, targets, weights, adapter, scale)
    return torch.div(torch.neg(torch.sum(p)), tokens)

  # Cross-entropy of label words against soft labels [examples, words]; owner [N] = example * words + word.
  def labels(self, ids: Tensor, positions: Tensor, allowed: Tensor, picked: Tensor, targets: Tensor, owner: Tensor, soft: Tensor, divisor: float, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    p = self.logProbs(ids, positions, allowed, picked, targets, weights, adapter, scale)
    sums = torch.view(self.sums(p, owner, torch.numel(soft)), torch.size(soft))
    return torch.div(torch.neg(torch.sum(torch.mul(soft, torch.log_softmax(sums, -1)))), divisor)

  # Sum over all positions of KL(untuned || tuned) / divisor; untuned [B, T*C] are final hidden states.
  def replay(self, ids: Tensor, positions: Tensor, untuned: Tensor, divisor: float, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    x = self.hidden(ids, positions, torch.empty([0]), weights, adapter, scale, annotate(List[Tensor], []), annotate(List[Tensor], []), 0)
    tuned = torch.log_softmax(self.logits(torch.reshape(x, [-1, torch.size(x, 2)]), weights), -1)
    untuned1 = torch.reshape(untuned, [-1, torch.size(x, 2)])
    before = torch.log_softmax(self.logits(untuned1, weights), -1)
    return torch.div(torch.sum(torch.mul(torch.exp(before), torch.sub(before, tuned))), divisor)

  # Final hidden states [B, T*C] of causal texts.
  def states(self, ids: Tensor, positions: Tensor, weights: List[Tensor], adapter: List[Tensor], scale: float) -> Tensor:
    x = self.hidden(ids, positions, torch.empty([0]), weights, adapter, scale, annotate(List[Tensor], []), annotate(List[Tensor], []), 0)
    return torch.flatten(x, 1)

  # One AdamW step (Loshchilov and Hutter 2019) after the gradients' common norm was cut to clipNorm;
  # gradients are zero afterwards. -> the norm before cutting
  def step(self, parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor], clipNorm: float, rate: float, decay: float) -> Tensor:
    norms = annotate(List[Tensor], [])
    for i in range(torch.len(gradients)):
      a = torch.append(norms, torch.linalg_vector_norm(gradients[i]))
    norm = torch.linalg_vector_norm(torch.stack(norms))
    cut = torch.clamp(torch.div(clipNorm, torch.add(norm, 1e-06)), None, 1.)
    torch._foreach_mul_(gradients, cut)
    torch._foreach_add_(steps, 1)
    torch._fused_adamw_(parameters, gradients, means, squares, annotate(List[Tensor], []), steps, lr=rate, beta1=0.9, beta2=0.999, weight_decay=decay, eps=1e-08, amsgrad=False, maximize=False)
    torch._foreach_zero_(gradients)
    return norm

  # A copy of its own, in float32 (6) or bfloat16 (15).
  def own(self, x: Tensor, dtype: int) -> Tensor:
    return torch.to(x, dtype, False, True)

  # Copies x [values] into the target's shape.
  def set(self, target: Tensor, x: Tensor) -> Tensor:
    return torch.copy_(target, torch.reshape(x, torch.size(target)))

  # Copies x to rows `at` and following of the target, in the target's type.
  def fill(self, target: Tensor, x: Tensor, at: int) -> Tensor:
    return torch.copy_(torch.slice(target, 0, at, at + torch.size(x, 0)), x)

  # Room for a weight, in float32 (6) or bfloat16 (15).
  def room(self, shape: List[int], dtype: int, device: str) -> Tensor:
    return torch.empty(shape, dtype=dtype, device=torch.device(device))
