"""The numbers that constructors and methods of this package take, by the names of parameters."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import Any

from cnengine.nn.module import Module
from cnengine.tensor.arguments import Bound, checked, checked_class
from cnengine.tensor.misuse import named_methods

_ROOT = "cnengine.nn"
_FROM_0, _FROM_1, _ABOVE_0 = Bound(0), Bound(1), Bound(0, ends="(]")
_SHARE = Bound(0, 1)

_NAMES = {
    _FROM_0: """in_features out_features in1_features in2_features in_channels out_channels
        num_features num_channels num_embeddings embedding_dim input_size hidden_size embed_dim
        d_model kdim vdim dim_feedforward output_size normalized_shape num_parameters eps
        lr_decay initial_accumulator_value momentum_decay step_sizes patience
        cooldown min_delta start_from_epoch min_lr std output_padding max_norm tolerance_grad
        tolerance_change clip_value clip_norm global_clip_norm momentum power epochs initial_epoch
        verbose warmup_steps seed epoch""",
    _FROM_1: """kernel_size stride dilation groups num_heads num_kv_heads nhead num_groups
        upscale_factor downscale_factor accumulate ns_steps history_size max_iter max_eval
        size k step_size batch_size steps_per_epoch validation_steps n buffer
        num_threads block_rows interval""",
    _ABOVE_0: "scale_factor rope_theta norm_type div_factor final_div_factor gamma",
    _SHARE: "rho dampening",
    Bound(0, 1, "[)"): "label_smoothing",
    Bound(1, 10_000): "num_layers",
}
_BOUNDS: dict[str, Bound | None] = {
    **{name: bound for bound, names in _NAMES.items() for name in names.split()},
    "*": Bound(float("-inf")),  # no NaN
    "value": None,
}
# Of a number of one name that means something else.
_OTHERS = {"LocalResponseNorm": {"k": _BOUNDS["*"]}, "ProgressBar": {"interval": _FROM_0}}
_SLIDING = {"padding": _FROM_0}  # margins alone may be cut off
_OF_LAYERS = {"eps": _BOUNDS["*"], "momentum": _BOUNDS["*"]}  # any, as torch has it
_METHODS = {
    "Model": ("compile", "fit", "evaluate", "predict", "train_on_batch", "save", "load",
              "save_weights", "load_weights", "set_weights"),
    "Dataset": ("shuffle", "batch", "map", "filter", "repeat", "take", "skip", "concatenate",
                "prefetch", "set_epoch", "from_items", "from_frame", "from_parquet", "from_log",
                "zip"),
    "Module": ("apply", "astype", "to", "train", "freeze", "unfreeze", "state_dict",
               "load_state_dict", "register_buffer"),
}  # fmt: skip
_FUNCTIONS = ("load_weights", "save_weights", "load_arrays", "save_arrays", "manual_seed")


def check_all(space: dict[str, Any], names: list[str]) -> None:
    """Has the classes of a namespace check what they are made of, and their methods arguments."""
    for name in names:
        value = space[name]
        if isinstance(value, type):
            is_layer = issubclass(value, Module)
            more = {} if "Pad" in name else _SLIDING
            more = {**more, **_OF_LAYERS} if is_layer else more
            bounds = {**_BOUNDS, **more, **_OTHERS.get(name, {})}
            if not is_layer:
                named_methods(value, _ROOT)
            checked_class(value, _ROOT, bounds, ("__init__", *_METHODS.get(name, ())))
        elif name in _FUNCTIONS:
            space[name] = checked(value, _BOUNDS)
            space[name].__module__ = space["__name__"]


def check_functions(module: ModuleType, names: list[str]) -> None:
    """The same of all functions of a module, which are called seldom."""
    for name in names:
        value = getattr(module, name)
        if isinstance(value, FunctionType):
            setattr(module, name, checked(value, _BOUNDS))
