"""README's model in Keras, torch and JAX, run as printed there but for fewer epochs: all learn what
ours learns. Keras is in no extra of ours: its part was run with Keras 3.15 on TensorFlow 2.21."""

from pathlib import Path

import numpy as np
import pytest
from cnengine import nn

README = Path(__file__).resolve().parents[2] / "README.md"
ROWS, EPOCHS = 1500, 8


def parts():
    """The program of each library."""
    text = README.read_text().split("The same model and training elsewhere", 1)[1]
    block = text.split("```python\n", 1)[1].split("```", 1)[0]
    keras, rest = block.split("net = torch.nn", 1)
    torch, jax = rest.split("def apply(", 1)
    found = {"keras": keras, "torch": "net = torch.nn" + torch, "jax": "def apply(" + jax}
    return {name: each.replace("range(30)", f"range({EPOCHS})") for name, each in found.items()}


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 4)).astype(np.float32)
    return x, (x[:, 0] * x[:, 1] + x[:, 2] > 0).astype(np.int64)


def accuracy(logits, y):
    return (np.asarray(logits).argmax(1) == y).mean()


def test_ours(data):
    x, y = data
    net = nn.Sequential(nn.Linear(4, 32), nn.relu, nn.Linear(32, 2))
    model = nn.Model(net).compile(nn.Adam(0.01), "cross_entropy", ["accuracy"])
    rows = nn.Dataset.from_arrays(x[:ROWS], y[:ROWS]).shuffle(seed=0).batch(50).prefetch(2)
    model.fit(rows, epochs=EPOCHS, verbose=0)
    assert model.evaluate(x[ROWS:], y[ROWS:])["accuracy"] > 0.9


def test_keras(data):
    keras = pytest.importorskip("keras", reason="keras is not installed")
    x, y = data
    space = {"keras": keras, "x": x[:ROWS], "y": y[:ROWS]}
    keras.utils.set_random_seed(0)
    exec(parts()["keras"].replace("epochs=30", f"epochs={EPOCHS}, verbose=0"), space)
    assert accuracy(space["model"].predict(x[ROWS:], verbose=0), y[ROWS:]) > 0.9


def test_torch(torch, data):
    x, y = data
    torch.manual_seed(0)
    space = {"torch": torch, "x": torch.tensor(x[:ROWS]), "y": torch.tensor(y[:ROWS])}
    exec(parts()["torch"], space)
    assert accuracy(space["net"](torch.tensor(x[ROWS:])).detach(), y[ROWS:]) > 0.9


def test_jax(data):
    jax = pytest.importorskip("jax", reason="jax is not installed")
    x, y = data
    space = {"jax": jax, "jnp": jax.numpy}
    exec(parts()["jax"], space)
    rng = np.random.default_rng(1)

    def drawn(*shape, inputs):
        return rng.uniform(-1, 1, size=shape).astype(np.float32) / np.sqrt(inputs)

    params = {"w1": drawn(4, 32, inputs=4), "b1": drawn(32, inputs=4),
              "w2": drawn(32, 2, inputs=32), "b2": drawn(2, inputs=32)}  # fmt: skip
    mean = square = {name: np.zeros_like(value) for name, value in params.items()}
    t = 0
    for _ in range(EPOCHS):
        order = rng.permutation(ROWS)
        for at in range(0, ROWS, 50):
            t += 1
            rows = order[at : at + 50]
            params, mean, square = space["step"](params, mean, square, float(t), x[rows], y[rows])
    assert accuracy(space["apply"](params, x[ROWS:]), y[ROWS:]) > 0.9
