"""Layers, activations and losses by the names of torch's table of operators."""

import cnengine.tensor as ct
from cnengine import nn
from torch_adapters import Other, absent, one_axis

LOSSES = {
    "binary_cross_entropy": "", "binary_cross_entropy_with_logits": "", "cosine_embedding_loss": "",
    "cross_entropy": "", "gaussian_nll_loss": "", "hinge_embedding_loss": "", "huber_loss": "",
    "kl_div": "", "l1_loss": "mae_loss", "margin_ranking_loss": "", "mse_loss": "",
    "multi_margin_loss": "", "multilabel_margin_loss": "", "multilabel_soft_margin_loss": "",
    "nll_loss": "", "poisson_nll_loss": "", "smooth_l1_loss": "", "soft_margin_loss": "",
    "triplet_margin_loss": "",
}  # fmt: skip
ACTIVATIONS = {
    "celu": "", "elu": "", "gelu": "", "glu": "", "hardshrink": "hard_shrink",
    "hardsigmoid": "hard_sigmoid", "hardswish": "hard_swish", "hardtanh": "hard_tanh",
    "leaky_relu": "", "logsigmoid": "log_sigmoid", "mish": "", "prelu": "", "relu": "", "relu6": "",
    "selu": "", "silu": "", "softmin": "", "softplus": "", "softshrink": "soft_shrink",
    "softsign": "", "tanhshrink": "", "threshold": "", "cosine_similarity": "",
}  # fmt: skip
RENAMED = {"dim": "axis", "min_val": "low", "max_val": "high"}


def renamed(function):
    def call(*args, **options):
        for key in ("size_average", "reduce", "inplace"):
            options.pop(key, None)
        return function(*args, **{RENAMED.get(key, key): value for key, value in options.items()})

    return call


def module(kind, *args, **options):
    return getattr(nn, kind)(*args, **options)


def extents(value):
    return tuple(value) if isinstance(value, (list, tuple)) else value


def dimensions(x, kind):
    """A pool over the axes that the name of the function says."""
    if x.ndim != int(kind[-2]) + 2:
        raise Other("without an axis of a batch")


def pooled(kind, order):
    """A pool of torch: its sizes by place or by name."""

    def call(x, *args, **options):
        dimensions(x, kind)
        if kind.startswith("Avg") and not ct.isdtype(x.dtype, "real floating"):
            raise Other("means of integers, rounded")
        options |= dict(zip(order, args, strict=False))
        if options.pop("dilation", 1) not in (1, (1,), [1]):
            raise Other("dilated windows")
        options.pop("return_indices", None)
        options = {
            key: extents(value) for key, value in options.items() if value not in (None, [], ())
        }
        for key in ("kernel_size", "stride", "padding"):
            if key in options and isinstance(options[key], tuple) and len(options[key]) == 1:
                options[key] = options[key][0]
        return module(kind, **options)(x)

    return call


def adaptive(kind):
    def call(x, output_size, return_indices=False):
        dimensions(x, kind)
        return module(kind, extents(output_size))(x)

    return call


AVERAGES = (
    "kernel_size",
    "stride",
    "padding",
    "ceil_mode",
    "count_include_pad",
    "divisor_override",
)
MAXIMA = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")


def convolved(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    if x.ndim != weight.ndim:
        raise Other("without an axis of a batch")
    if padding == "valid":
        padding = 0
    out = ct.conv(x, weight, stride=extents(stride), padding=extents(padding), dilation=extents(dilation),
                  groups=groups)  # fmt: skip
    return out if bias is None else out + ct.reshape(bias, (-1,) + (1,) * (x.ndim - 2))


def convolved_back(
    x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1
):
    if x.ndim != weight.ndim:
        raise Other("without an axis of a batch")
    steps = stride if isinstance(stride, (list, tuple)) else [stride]
    more = output_padding if isinstance(output_padding, (list, tuple)) else [output_padding]
    if any(a >= b for a, b in zip(more, steps, strict=False)):
        raise Other("places behind the last window")
    out = ct.conv_transpose(x, weight, stride=extents(stride), padding=extents(padding),
                            output_padding=extents(output_padding), dilation=extents(dilation),
                            groups=groups)  # fmt: skip
    return out if bias is None else out + ct.reshape(bias, (-1,) + (1,) * (x.ndim - 2))


def with_parameters(layer, **values):
    for name, value in values.items():
        if value is not None:
            setattr(layer, name, value)
    return layer


def batch_norm(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if x.ndim < 2 or x.size == 0 or (weight is None) != (bias is None):
        raise Other("no rows, one of two parameters")
    layer = nn.BatchNorm(x.shape[1], eps, momentum, weight is not None, dtype=x.dtype)
    with_parameters(layer, running_mean=mean, running_var=var, weight=weight, bias=bias)
    return layer.train(training)(x)


def instance_norm(x, running_mean=None, running_var=None, weight=None, bias=None,
                  use_input_stats=True, momentum=0.1, eps=1e-5):  # fmt: skip
    if not use_input_stats or (weight is None) != (bias is None):
        raise Other("kept statistics, one of two parameters")
    layer = nn.InstanceNorm(x.shape[1], eps, momentum, weight is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight, bias=bias)(x)


def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    if (weight is None) != (bias is None):
        raise Other("one of two parameters")
    layer = nn.GroupNorm(groups, x.shape[1], eps, weight is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight, bias=bias)(x)


def layer_norm(x, shape, weight=None, bias=None, eps=1e-5):
    if (weight is None) and (bias is not None):
        raise Other("one of two parameters")
    layer = nn.LayerNorm(extents(shape), eps, weight is not None, bias is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight, bias=bias)(x)


def rms_norm(x, shape, weight=None, eps=None):
    if not ct.isdtype(x.dtype, "real floating"):
        raise Other("of real numbers alone")
    layer = nn.RMSNorm(extents(shape), eps, weight is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight)(x)


def local_response_norm(x, size, **options):
    if not ct.isdtype(x.dtype, "real floating"):
        raise Other("of real numbers alone")
    return nn.LocalResponseNorm(size, **options)(x)


def linear(x, weight, bias=None):
    if weight.ndim != 2:
        raise Other("a weight that is a vector")
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight, bias=bias)(x)


def bilinear(x, y, weight, bias=None):
    out, first, second = weight.shape
    layer = nn.Bilinear(first, second, out, bias is not None, dtype=x.dtype)
    return with_parameters(layer, weight=weight, bias=bias)(x, y)


def embedding(weight, index, padding_idx=None, **options):
    options.pop("sparse", None)
    absent(options)
    rows, width = weight.shape
    layer = nn.Embedding(rows, width, padding_idx=padding_idx, dtype=weight.dtype)
    return with_parameters(layer, weight=weight)(index)


def padded(x, widths, mode="constant", value=None):
    """Torch counts axes from the last one."""
    count = len(widths) // 2
    if mode != "constant":
        if x.ndim != count + 2 or min(widths) < 0:
            raise Other("without an axis of a batch; negative widths")
        kinds = {
            "reflect": "ReflectionPad",
            "replicate": "ReplicationPad",
            "circular": "CircularPad",
        }
        return module(f"{kinds[mode]}{count}d", tuple(widths))(x)
    pairs = [(0, 0)] * (x.ndim - count) + [tuple(widths[2 * i : 2 * i + 2]) for i in range(count)][
        ::-1
    ]
    return ct.pad(x, pairs, value=value or 0)


def attended(
    query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False
):
    if dropout_p:
        raise Other("random")
    if is_causal and query.shape[-2] != key.shape[-2]:
        raise Other("places of queries are counted from the last key, not from the first")
    return nn.scaled_dot_product_attention(
        query, key, value, attn_mask, is_causal=is_causal, scale=scale
    )


def ctc(log_probs, targets, input_lengths, target_lengths, **options):
    lengths = [ct.asarray(each) for each in (input_lengths, target_lengths)]
    return nn.ctc_loss(log_probs, targets, *lengths, **options)


def one_hot(x, num_classes=-1):
    if num_classes == -1:
        num_classes = int(ct.max(x)) + 1
    return ct.one_hot(x, num_classes, dtype=ct.int64)


def over_axis(function):
    """Torch takes the axis 0 of a number, and another type to compute with."""

    def call(x, dim, dtype=None):
        x = x if dtype is None else ct.astype(x, getattr(ct, str(dtype).removeprefix("torch.")))
        return ct.reshape(function(one_axis(x), dim), x.shape)

    return call


def several(function):
    def call(x, *args, **options):
        if x.ndim == 0:
            raise Other("a number")
        return renamed(function)(x, *args, **options)

    return call


def of_classes(function):
    def call(x, target, *args, **options):
        if x.ndim == 0 or x.ndim == target.ndim:
            raise Other("without an axis of a batch")
        return renamed(function)(x, target, *args, **options)

    return call


def gaussian(x, target, var, **options):
    if x.shape != target.shape:
        raise Other("shapes that are broadcast")
    return nn.gaussian_nll_loss(x, target, var, **{"full": False, **options})


FUNCTIONS = {
    name: renamed(getattr(nn, ours or name)) for name, ours in {**LOSSES, **ACTIVATIONS}.items()
}
FUNCTIONS |= {
    "gaussian_nll_loss": gaussian, "batch_norm": batch_norm, "instance_norm": instance_norm,
    "group_norm": group_norm, "layer_norm": layer_norm, "rms_norm": rms_norm, "linear": linear,
    "local_response_norm": local_response_norm,
    "multi_margin_loss": of_classes(nn.multi_margin_loss),
    "multilabel_margin_loss": several(nn.multilabel_margin_loss), "cosine_similarity": several(nn.cosine_similarity),
    "bilinear": bilinear, "embedding": embedding, "scaled_dot_product_attention": attended, "ctc_loss": ctc,
    "one_hot": one_hot, "conv1d": convolved, "conv2d": convolved, "conv3d": convolved,
    "conv_transpose1d": convolved_back, "conv_transpose2d": convolved_back, "conv_transpose3d": convolved_back,
    "softmin": over_axis(nn.softmin), "softmin|with_dtype": over_axis(nn.softmin),
}  # fmt: skip
FUNCTIONS |= {f"pad|{mode}": padded for mode in ("constant", "reflect", "replicate", "circular")}
FUNCTIONS |= {f"avg_pool{n}d": pooled(f"AvgPool{n}d", AVERAGES) for n in (1, 2, 3)}
FUNCTIONS |= {f"max_pool{n}d": pooled(f"MaxPool{n}d", MAXIMA) for n in (1, 2, 3)}
FUNCTIONS |= {f"adaptive_avg_pool{n}d": adaptive(f"AdaptiveAvgPool{n}d") for n in (1, 2, 3)}
FUNCTIONS |= {f"adaptive_max_pool{n}d": adaptive(f"AdaptiveMaxPool{n}d") for n in (1, 2, 3)}
FUNCTIONS = {f"nn.functional.{name}": function for name, function in FUNCTIONS.items()}
FUNCTIONS |= {
    "softmax": over_axis(nn.softmax), "log_softmax": over_axis(nn.log_softmax),
    "softmax|with_dtype": over_axis(nn.softmax),
    "log_softmax|with_dtype": over_axis(nn.log_softmax),
}  # fmt: skip
