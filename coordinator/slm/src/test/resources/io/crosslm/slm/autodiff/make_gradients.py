"""Goldens of gradients: small PyTorch functions, exported to ONNX, with PyTorch's own gradients of sum(w y).

Run: python make_gradients.py > gradients.json   (torch 2.15.0, onnx 1.23.2)

Inputs are sin(1 + 0.37 i + k), i the place in the k-th input, rounded to tenths where the function has kinks, so that values lie on them;
w is sin(1 + 0.7 i). Float32 results are computed in float64. A case: its ONNX file in base64, inputs, result and each input's gradient.
"""

import base64
import io
import json
import sys
import warnings

import torch
import torch.nn.functional as F

warnings.filterwarnings("ignore")


class Function(torch.nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def wave(shape, k, kinks):
    count = int(torch.tensor(shape).prod()) if shape else 1
    values = torch.sin(1 + 0.37 * torch.arange(count, dtype=torch.float64) + k).reshape(shape)
    return torch.round(values * 10) / 10 if kinks else values


def text_cnn(table, kernel, bias, head):
    ids = torch.tensor([[3, 1, 4, 1, 5], [2, 0, 0, 1, 3]])
    words = F.embedding(ids, table).transpose(1, 2)  # [B, C, T]
    return F.linear(F.relu(F.conv1d(words, kernel, bias, padding=1)).amax(2), head)


def image_cnn(x, kernel, bias, second):
    return F.max_pool2d(F.relu(F.conv2d(F.gelu(F.conv2d(x, kernel, bias, stride=2)), second, padding=1)), 2).flatten(1)


def embedding_bag(table, head):
    ids = torch.tensor([[3, 1, 4, 0], [2, 5, 0, 0]])
    mask = (ids > 0).to(table.dtype)[:, :, None]
    return F.linear((F.embedding(ids, table) * mask).sum(1) / mask.sum(1), head)


def attention(x, weight, bias, out):
    q, k, v = F.linear(x, weight, bias).reshape(2, 3, 3, 2, 2).permute(2, 0, 3, 1, 4)  # [B, heads, T, size]
    hidden = torch.tensor([[[[True, True, False]]], [[[True, True, True]]]])
    scores = (q @ k.transpose(2, 3) / 2**0.5).masked_fill(~hidden, -1e4)
    return F.linear((scores.softmax(-1) @ v).transpose(1, 2).reshape(2, 3, 4), out)


SMOOTH = {
    "matmul": (torch.matmul, [2, 1, 3, 4], [5, 4, 2]),
    "linear": (F.linear, [2, 3, 4], [5, 4], [5]),
    "addmm": (torch.addmm, [5], [2, 3], [3, 5]),
    "layer_norm": (lambda x, w, b: F.layer_norm(x, [4], w, b), [2, 3, 4], [4], [4]),
    "batch_norm": (lambda x, w, b: F.batch_norm(x, torch.ones(3, dtype=x.dtype), torch.full((3,), 2.0, dtype=x.dtype), w, b), [2, 3, 4], [3], [3]),
    "softmax, dimension 1": (lambda x: x.softmax(1), [2, 3, 4]),
    "log_softmax": (lambda x: x.log_softmax(-1), [2, 3, 4]),
    "logsumexp": (lambda x: x.logsumexp((0, 2)), [2, 3, 4]),
    "gelu": (F.gelu, [3, 4]),
    "gelu, tanh": (lambda x: F.gelu(x, approximate="tanh"), [3, 4]),
    "silu": (F.silu, [3, 4]),
    "erf": (torch.erf, [3, 4]),
    "softplus": (F.softplus, [3, 4]),
    "elu": (lambda x: F.elu(x, 0.5), [3, 4]),
    "pow": (lambda x, n: (x + 2) ** n, [3, 4], [4]),
    "rsqrt": (lambda x: (x + 2).rsqrt() + (x + 3).reciprocal() + (x + 2).sqrt(), [3, 4]),
    "norm": (lambda x: x / x.norm(dim=1, keepdim=True), [3, 4]),
    "conv1d": (lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=2, dilation=2, groups=2), [2, 4, 9], [6, 2, 3], [6]),
    "conv2d": (lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(1, 0), dilation=(1, 2)), [2, 2, 6, 7], [3, 2, 3, 2], [3]),
    "max_pool1d": (lambda x: F.max_pool1d(x, 3, 2, 1), [2, 3, 8]),
    "avg_pool1d": (lambda x: F.avg_pool1d(x, 3, 2, 1), [2, 3, 8]),
    "avg_pool2d, real elements only": (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False), [2, 2, 5, 6]),
    "adaptive pools": (lambda x: F.adaptive_avg_pool1d(x, 1) * F.adaptive_max_pool1d(x, 1), [2, 3, 5]),
    "slices": (lambda x: x[:, 1:, ::2] + x[:, :-1, 1:4], [2, 3, 5]),
    "cat and chunk": (lambda x, y: torch.mul(*torch.cat((x, y), 1).chunk(2, 1)), [2, 3, 2], [2, 1, 2]),
    "expand and repeat": (lambda x: x.expand(2, 3, 4) * x.repeat(1, 3, 2)[:, :, :4], [2, 1, 4]),
    "gather": (lambda x: x.gather(1, torch.tensor([[0, 2, 2], [1, 1, 0]])), [2, 3]),
    "index_select": (lambda x: x.index_select(2, torch.tensor([0, 2, 2])), [2, 3, 4]),
    "first token": (lambda x: x[:, 0], [2, 3, 4]),
    "cumsum": (lambda x: x.cumsum(1), [2, 3, 4]),
    "tril": (lambda x: x.tril(), [3, 3]),
    "pad": (lambda x: F.pad(x, (1, 2, 0, 1)), [2, 3]),
    "text CNN": (text_cnn, [6, 4], [3, 4, 3], [3], [2, 3]),
    "image CNN": (image_cnn, [2, 1, 9, 9], [2, 1, 3, 3], [2], [3, 2, 3, 3]),
    "embedding bag": (embedding_bag, [6, 4], [2, 4]),
    "attention": (attention, [2, 3, 4], [12, 4], [12], [4, 4]),
}

KINKED = {
    "relu": (F.relu, [3, 40]),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.1), [3, 40]),
    "abs": (torch.abs, [3, 40]),
    "clamp": (lambda x: x.clamp(-0.5, 0.3), [3, 40]),
    "maximum": (torch.maximum, [3, 40], [40]),
    "minimum": (torch.minimum, [3, 40], [3, 1]),
    "amax": (lambda x: x.amax(1), [3, 40]),
    "amin": (lambda x: x.amin((0, 1), keepdim=True), [3, 40]),
    "where": (lambda x, y: torch.where(x > y, x * y, y), [3, 40], [40]),
}


def case(name, function, shapes, kinks):
    inputs = [wave(shape, k, kinks).requires_grad_() for k, shape in enumerate(shapes)]
    names = [f"in{k}" for k in range(len(inputs))]
    file = io.BytesIO()
    single = tuple(x.detach().float() for x in inputs)
    torch.onnx.export(Function(function).eval(), single, file, input_names=names, output_names=["out"], opset_version=17, dynamo=False)
    y = function(*inputs)
    w = torch.sin(1 + 0.7 * torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
    gradients = torch.autograd.grad((w * y).sum(), inputs)
    numbers = lambda x: [float(f"{v:.9g}") for v in x.detach().flatten().tolist()]
    return {
        "name": name,
        "onnx": base64.b64encode(file.getvalue()).decode(),
        "shapes": shapes,
        "inputs": [numbers(x) for x in inputs],
        "result": numbers(y),
        "gradients": [numbers(g) for g in gradients],
    }


def main():
    cases = [case(name, function, shapes, False) for name, (function, *shapes) in SMOOTH.items()]
    cases += [case(name, function, shapes, True) for name, (function, *shapes) in KINKED.items()]
    json.dump({"versions": {"torch": torch.__version__.split("+")[0]}, "cases": cases}, sys.stdout, indent=None, separators=(",", ":"))


main()
