"""Every sample of torch's own table of modules (`module_db`): values, and derivatives by inputs and
parameters, within 2e-5, eagerly and jitted.

What is left out, module by module or sample by sample, is told in `LEFT_OUT` and `refused`.
"""

import cnengine.tensor as ct
import pytest
from cnengine import nn

torch = pytest.importorskip("torch", reason="torch is not installed")
table = pytest.importorskip(
    "torch.testing._internal.common_modules", reason="expecttest is not installed"
)

LEFT_OUT = {
    **dict.fromkeys(
        ["LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d",
         "LazyConvTranspose3d"], "shapes are told, not found in the first call"),
    **dict.fromkeys(["FractionalMaxPool2d", "FractionalMaxPool3d"], "random windows"),
    "LinearCrossEntropyLoss": "Linear and cross_entropy, put together to save memory",
    "Transformer": "test_functional.py has it",
    "TransformerEncoder": "layers are made by a function, and their test is here",
    "CTCLoss": "test_ctc.py has torch as its peer",
}  # fmt: skip
# Ours by torch's names, where they differ.
MODULES = {"MultiheadAttention": "MultiHeadAttention"}
# Inputs that derivatives of losses are taken by, where it is not the first alone.
BY = {"CosineEmbeddingLoss": (0, 1), "GaussianNLLLoss": (0, 2), "MarginRankingLoss": (0, 1)}
OPTIONS = {"dim": "axis", "min_val": "low", "max_val": "high"}
# Samples of a module that are run (cross_entropy has 105).
MOST = 70


def is_attention(name):
    return name.startswith(("Transformer", "Multihead"))


class Refused(Exception):
    """A sample that ours does not take, by design."""


def numbers(value):
    """Tensors of torch as arrays of ours, within arguments."""
    return ct.asarray(value.detach().numpy().copy()) if torch.is_tensor(value) else value


def module_of(name, args, kwargs):
    kwargs = {OPTIONS.get(key, key): numbers(value) for key, value in kwargs.items()}
    for key in ("device", "dtype", "inplace"):
        kwargs.pop(key, None)
    if kwargs.pop("return_indices", False):
        raise Refused("positions of maxima")
    if name.endswith("Loss"):
        for key in ("size_average", "reduce"):
            kwargs.pop(key, None)
        if name == "GaussianNLLLoss":
            kwargs.setdefault("full", False)
        return getattr(nn, name)(**kwargs)
    if kwargs.pop("proj_size", 0):
        raise Refused("projections of LSTM")
    if kwargs.pop("add_bias_kv", False) or kwargs.pop("add_zero_attn", False):
        raise Refused("rows that are added to keys")
    if is_attention(name):
        kwargs.pop("batch_first", None)  # ours begin with the batch
        args = tuple(nn.gelu if callable(each) else each for each in args)
    elif name in ("RNN", "GRU", "LSTM"):
        kwargs.setdefault("batch_first", False)
    return getattr(nn, MODULES.get(name, name))(*args, **kwargs)


def samples():
    for info in table.module_db:
        name = info.module_cls.__name__
        if name in LEFT_OUT:
            continue
        # The table draws anew in every process. A few of its layer norms of four elements multiply
        # rounding so much that torch itself is 2e-4 from float64, so the draws are those of a seed.
        torch.manual_seed(0)
        given = info.module_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=True
        )
        for at, each in enumerate(given):
            if at < MOST:
                yield pytest.param(name, info.module_cls, each, id=f"{name}-{at}")


def test_all_of_the_table_is_here():
    names = {info.module_cls.__name__ for info in table.module_db}
    assert names >= set(LEFT_OUT)
    ours = {each for each in names if hasattr(nn, MODULES.get(each, each))}
    assert names - set(LEFT_OUT) - ours == set()


def calls_of(given):
    """The arrays of a call of torch, and the same call with others in their place."""
    flat = [*given.args, *given.kwargs.values()]
    arrays = [leaf for each in flat for leaf in (each if isinstance(each, tuple) else (each,))]
    arrays = [each for each in arrays if torch.is_tensor(each)]

    def call(module, *values):
        left = iter(values)

        def taken(each):
            if isinstance(each, tuple):
                return tuple(taken(one) for one in each)
            return next(left) if torch.is_tensor(each) else each

        args = [taken(each) for each in given.args]
        return module(*args, *[taken(each) for each in given.kwargs.values()])

    return [each.detach().numpy() for each in arrays], call


def attention_calls(name, made, given):
    """Sequences, our call of a module and torch's, whose masks say what is left out, not in."""
    heads = made.kwargs.get("num_heads")
    is_first = made.kwargs.get("batch_first", False)
    single = given.args[0].ndim == 2

    def masked(attention, padding):
        parts = []
        if attention is not None:
            shape = (-1, heads, *attention.shape[1:]) if attention.ndim == 3 else attention.shape
            parts.append(~attention.reshape(shape).numpy())
        if padding is not None:
            parts.append(~padding.numpy().reshape(-1, 1, 1, padding.shape[-1]))
        return ct.asarray(parts[0] & parts[-1]) if parts else None

    def turned(x):
        if single:
            return ct.expand_dims(x, axis=0)
        return x if is_first else ct.permute_dims(x, (1, 0, 2))

    def call(module, *values):
        masks = dict(given.kwargs)
        if name == "TransformerDecoderLayer":
            own = masked(masks.get("tgt_mask"), masks.get("tgt_key_padding_mask"))
            other = masked(masks.get("memory_mask"), masks.get("memory_key_padding_mask"))
            out = module(*map(turned, values), own, other)
        elif name == "TransformerEncoderLayer":
            own = masked(masks.get("src_mask"), masks.get("src_key_padding_mask"))
            out = module(*map(turned, values), own)
        else:
            own = masked(masks.get("attn_mask"), masks.get("key_padding_mask"))
            out = module(*map(turned, values), own)
        if single:
            return out[0]
        return out if is_first else ct.permute_dims(out, (1, 0, 2))

    def peer_call(module, *values):
        out = module(*values, **given.kwargs)
        return out[0] if isinstance(out, tuple) else out

    return [each.detach().numpy() for each in given.args], call, peer_call


def check_inputs(name, given):
    first = next(iter([*given.args, *given.kwargs.values()]))
    if name.startswith(("BatchNorm", "InstanceNorm")) and first.numel() == 0:
        raise Refused("batches without rows have no statistics")
    if name in ("Softmax", "LogSoftmax", "Softmin") and first.ndim == 0:
        raise Refused("a number has no axis")


@pytest.mark.parametrize(("name", "kind", "sample"), list(samples()))
def test_sample(agree, name, kind, sample):
    made, given = sample.constructor_input, sample.forward_input
    torch.manual_seed(0)
    peer = kind(*made.args, **made.kwargs)
    try:
        check_inputs(name, given)
        ours = module_of(name, made.args, made.kwargs)
    except Refused as reason:
        pytest.skip(str(reason))
    if is_attention(name):
        inputs, call, peer_call = attention_calls(name, made, given)
        agree(ours, peer, *inputs, call=call, peer_call=peer_call)
        return
    inputs, call = calls_of(given)
    # Powers and logarithms of negative numbers are NaN in places that differ.
    if name.startswith("LPPool"):
        inputs = [abs(each) for each in inputs]
    elif name == "KLDivLoss" and not made.kwargs.get("log_target"):
        inputs = [inputs[0], abs(inputs[1])]
    by = BY.get(name, (0,)) if name.endswith("Loss") else None
    agree(ours, peer, *inputs, call=call, by=by)
