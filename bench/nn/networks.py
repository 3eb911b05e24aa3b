"""The networks of bench_training, once for each library, from the same first weights."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np

from bench.harness import THREADS, peer

Step = Callable[[], float]

Data = list[tuple[np.ndarray, np.ndarray]]

RATE = 1e-3
BATCHES = 8  # in turn: one that is learned by heart ends in subnormal derivatives
VOCABULARY, WIDTH, HEADS, LAYERS, LENGTH = 256, 384, 6, 6, 128


def mlp_data(scale: float) -> Data:
    rng = np.random.default_rng(1)
    rows = max(int(256 * scale), 2)
    return [(rng.normal(size=(rows, 128)).astype(np.float32),
             rng.normal(size=(rows, 1)).astype(np.float32)) for _ in range(BATCHES)]  # fmt: skip


def text_data(scale: float) -> Data:
    rng = np.random.default_rng(1)
    rows = max(int(16 * scale), 1)
    tokens = rng.integers(0, VOCABULARY, (BATCHES, rows, LENGTH + 1))
    return [(each[:, :-1].copy(), each[:, 1:].copy()) for each in tokens]


def in_turn(data: Data, convert: Callable[[np.ndarray], object]) -> Callable[[], tuple]:
    """The next batch, as arrays of a library."""
    batches = itertools.cycle([tuple(convert(each) for each in batch) for batch in data])
    return lambda: next(batches)


def ours(kind: str, adam: bool, data: Data) -> tuple[dict[str, np.ndarray], Step]:
    """The first weights by torch's names, and a step of ours."""
    import cnengine as cn
    import cnengine.tensor as ct
    from cnengine import nn

    cn.set_num_threads(THREADS)
    nn.manual_seed(0)
    relu_net = (nn.Linear(128, 256), nn.relu, nn.Linear(256, 256), nn.relu, nn.Linear(256, 1))
    module = nn.Sequential(*relu_net) if kind == "mlp" else _decoder(nn, ct)
    weights = {name: np.asarray(value).copy() for name, value in module.state_dict().items()}
    optimizer = nn.Adam(RATE) if adam else nn.SGD(RATE)
    params, rest = nn.split(module)
    held = [params, optimizer.init(params)]
    batch = in_turn(data, ct.asarray)

    def loss(model, x, y):
        out = model(x)
        if kind == "mlp":
            return nn.mse_loss(out, y)
        return nn.cross_entropy(out, y, axis=-1)

    @cn.jit
    def step(params, state, x, y):
        (value, _), grads = nn.value_and_grad(loss)(nn.merge(params, rest), x, y)
        return *optimizer.update(grads, state, params), value

    def run() -> float:
        held[0], held[1], value = step(*held, *batch())
        return float(value)

    return weights, run


def _decoder(nn, ct):
    class Block(nn.Module):
        def __init__(self) -> None:
            self.ln1, self.ln2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.attention = nn.MultiHeadAttention(WIDTH, HEADS, is_causal=True)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            x = x + self.attention(self.ln1(x))
            return x + self.down(nn.gelu(self.up(self.ln2(x)), "tanh"))

    class Decoder(nn.Module):
        def __init__(self) -> None:
            small = nn.init.normal(0.02)
            self.tokens = nn.Embedding(VOCABULARY, WIDTH, weight_init=small)
            self.places = nn.Embedding(LENGTH, WIDTH, weight_init=small)
            self.blocks = [Block() for _ in range(LAYERS)]
            self.ln = nn.LayerNorm(WIDTH)
            self.head = nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, ids):
            x = self.tokens(ids) + self.places(ct.arange(ids.shape[1]))
            for block in self.blocks:
                x = block(x)
            return self.head(self.ln(x))

    return Decoder()


def with_torch(kind: str, adam: bool, data, weights, compiled: bool) -> Step:
    torch = peer("torch")
    torch.set_num_threads(THREADS)
    functional = torch.nn.functional
    if kind == "mlp":
        linear, relu = torch.nn.Linear, torch.nn.ReLU
        net = (linear(128, 256), relu(), linear(256, 256), relu(), linear(256, 1))
        module = torch.nn.Sequential(*net)
    else:
        module = _torch_decoder(torch)
    module.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    make = torch.optim.Adam if adam else torch.optim.SGD
    optimizer = make(module.parameters(), lr=RATE)
    batch = in_turn(data, torch.tensor)

    def loss(x, y):
        out = module(x)
        if kind == "mlp":
            return functional.mse_loss(out, y)
        return functional.cross_entropy(out.reshape(-1, VOCABULARY), y.reshape(-1))

    loss = torch.compile(loss) if compiled else loss
    move = torch.compile(optimizer.step) if compiled else optimizer.step

    def run() -> float:
        optimizer.zero_grad()
        value = loss(*batch())
        value.backward()
        move()
        return float(value.detach())

    return run


def _torch_decoder(torch):
    functional = torch.nn.functional

    class Attention(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.in_proj_weight = torch.nn.Parameter(torch.empty(3 * WIDTH, WIDTH))
            self.in_proj_bias = torch.nn.Parameter(torch.empty(3 * WIDTH))
            self.out_proj = torch.nn.Linear(WIDTH, WIDTH)

        def forward(self, x):
            b, t, d = x.shape
            qkv = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
            heads = (each.view(b, t, HEADS, d // HEADS).transpose(1, 2) for each in qkv.split(d, 2))
            out = functional.scaled_dot_product_attention(*heads, is_causal=True)
            return self.out_proj(out.transpose(1, 2).reshape(b, t, d))

    class Block(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ln1, self.ln2 = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
            self.attention = Attention()
            self.up = torch.nn.Linear(WIDTH, 4 * WIDTH)
            self.down = torch.nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            x = x + self.attention(self.ln1(x))
            return x + self.down(functional.gelu(self.up(self.ln2(x)), approximate="tanh"))

    class Decoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = torch.nn.Embedding(VOCABULARY, WIDTH)
            self.places = torch.nn.Embedding(LENGTH, WIDTH)
            self.blocks = torch.nn.ModuleList(Block() for _ in range(LAYERS))
            self.ln = torch.nn.LayerNorm(WIDTH)
            self.head = torch.nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, ids):
            x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
            for block in self.blocks:
                x = block(x)
            return self.head(self.ln(x))

    return Decoder()


def with_jax(kind: str, adam: bool, data, weights) -> Step:
    jax = peer("jax")
    jnp = jax.numpy
    p = {name: jnp.asarray(value) for name, value in weights.items()}
    zeros = {name: jnp.zeros_like(value) for name, value in p.items()}

    def linear(p, name, x):
        out = x @ p[f"{name}.weight"].T
        return out + p[f"{name}.bias"] if f"{name}.bias" in p else out

    def norm(p, name, x):
        d = x - x.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt((d * d).mean(-1, keepdims=True) + 1e-5)
        return d * scale * p[f"{name}.weight"] + p[f"{name}.bias"]

    def attention(p, name, x):
        b, t, d = x.shape
        qkv = x @ p[f"{name}.in_proj_weight"].T + p[f"{name}.in_proj_bias"]
        q, k, v = (each.reshape(b, t, HEADS, -1).swapaxes(1, 2) for each in jnp.split(qkv, 3, -1))
        scores = q @ k.swapaxes(-1, -2) / math.sqrt(d // HEADS)
        scores = jnp.where(jnp.tril(jnp.ones((t, t), bool)), scores, -jnp.inf)
        out = (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(b, t, d)
        return linear(p, f"{name}.out_proj", out)

    def loss(p, x, y):
        if kind == "mlp":
            h = jax.nn.relu(linear(p, "2", jax.nn.relu(linear(p, "0", x))))
            return ((linear(p, "4", h) - y) ** 2).mean()
        h = p["tokens.weight"][x] + p["places.weight"][: x.shape[1]]
        for at in range(LAYERS):
            h = h + attention(p, f"blocks.{at}.attention", norm(p, f"blocks.{at}.ln1", h))
            up = linear(p, f"blocks.{at}.up", norm(p, f"blocks.{at}.ln2", h))
            h = h + linear(p, f"blocks.{at}.down", jax.nn.gelu(up))
        logp = jax.nn.log_softmax(norm(p, "ln", h) @ p["head.weight"].T)
        return -jnp.take_along_axis(logp, y[..., None], -1).mean()

    @jax.jit
    def step(p, m, v, t, x, y):
        value, g = jax.value_and_grad(loss)(p, x, y)
        tree_map = jax.tree.map
        if not adam:
            return tree_map(lambda p, g: p - RATE * g, p, g), m, v, t, value
        t = t + 1
        m = tree_map(lambda m, g: m + 0.1 * (g - m), m, g)
        v = tree_map(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        first, second = RATE / (1 - 0.9**t), 1 / jnp.sqrt(1 - 0.999**t)
        p = tree_map(lambda p, m, v: p - first * m / (jnp.sqrt(v) * second + 1e-8), p, m, v)
        return p, m, v, t, value

    held = [p, zeros, zeros, jnp.asarray(0.0)]
    batch = in_turn(data, jnp.asarray)

    def run() -> float:
        *held[:], value = step(*held, *batch())
        return float(value)

    return run
