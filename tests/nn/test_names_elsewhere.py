"""What torch.nn, torch.nn.functional, torch.optim and Keras' layers have by name: it is here by the
same name, by another one, or left out for a reason that is told here."""

import inspect

import pytest
from cnengine import nn
from cnengine.nn import functional, schedules

MODULES = {
    "MultiheadAttention": "MultiHeadAttention",
    **dict.fromkeys(["ParameterList", "ParameterDict", "Container"],
                    "lists and dicts of arrays are parameters as they are"),
    **dict.fromkeys(["DataParallel", "SyncBatchNorm"], "tensor.parallel: processes, one each"),
    **dict.fromkeys(["RNNBase", "RNNCellBase"], "what recurrent layers share, no layer"),
    **dict.fromkeys(["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"], "pools do not give places"),
    **dict.fromkeys(["FractionalMaxPool2d", "FractionalMaxPool3d"], "random windows"),
    **dict.fromkeys(["NLLLoss2d", "CrossMapLRN2d"], "old names of NLLLoss and LocalResponseNorm"),
    "TripletMarginWithDistanceLoss": "triplet_margin_with_distance_loss, a function",
    "AdaptiveLogSoftmaxWithLoss": "classes in clusters, for vocabularies that fit memory today",
    "LinearCrossEntropyLoss": "Linear and cross_entropy, put together to save memory",
}  # fmt: skip
FUNCTIONS = {
    **dict.fromkeys(["alpha_dropout", "dropout"], "here, with a key"),
    **dict.fromkeys(["dropout1d", "dropout2d", "dropout3d", "feature_alpha_dropout", "rrelu"],
                    "layers, which hold keys"),
    **dict.fromkeys(["upsample", "upsample_bilinear", "upsample_nearest"], "old: interpolate"),
    **dict.fromkeys(["embedding_bag", "multi_head_attention_forward"], "layers, with their state"),
    **dict.fromkeys(["max_unpool1d", "max_unpool2d", "max_unpool3d"], "pools do not give places"),
    **dict.fromkeys(["grouped_mm", "scaled_grouped_mm", "scaled_mm"], "kernels of CUDA"),
    "conv_tbc": "conv1d with the axes the other way round",
    "linear_cross_entropy": "linear and cross_entropy, put together to save memory",
    "native_channel_shuffle": "channel_shuffle",
}  # fmt: skip
OPTIMIZERS = {"Optimizer": "Optimizer"}
SCHEDULES = {
    "ConstantLR": "constant", "CosineAnnealingLR": "cosine", "CyclicLR": "cyclic",
    "CosineAnnealingWarmRestarts": "cosine_restarts", "ExponentialLR": "exponential",
    "LinearLR": "linear", "MultiStepLR": "piecewise", "OneCycleLR": "one_cycle",
    "PolynomialLR": "polynomial", "SequentialLR": "join", "StepLR": "step",
    "ReduceLROnPlateau": "a callback, nn.ReduceLROnPlateau",
    **dict.fromkeys(["LambdaLR", "MultiplicativeLR"], "a schedule is a function of the step"),
    "ChainedScheduler": "the product of functions",
    "LRScheduler": "no class: schedules are functions",
}  # fmt: skip
# Of Keras 3.15. Names begin as theirs; dimensions (1D) stand for all.
KERAS = {
    "Activation": "activation_of by name, or functions in Sequential", "Add": "Residual",
    "AveragePooling": "AvgPool2d", "BatchNormalization": "BatchNorm", "Dense": "Linear",
    "Conv": "Conv2d", "ConvTranspose": "ConvTranspose2d", "DepthwiseConv": "Conv2d: groups",
    "SeparableConv": "Sequential of a Conv2d with groups and one with windows of 1",
    "Bidirectional": "LSTM(bidirectional=True)", "SimpleRNN": "RNN", "SimpleRNNCell": "RNNCell",
    "StackedRNNCells": "LSTM(num_layers=2)", "RNN": "scan over a cell",
    "GroupNormalization": "GroupNorm", "LayerNormalization": "LayerNorm",
    "RMSNormalization": "RMSNorm", "UnitNormalization": "normalize",
    "SpectralNormalization": "spectral_norm", "GlobalAveragePooling": "GlobalAvgPool2d",
    "GlobalMaxPooling": "GlobalMaxPool2d", "MaxPooling": "MaxPool2d",
    "AdaptiveAveragePooling": "AdaptiveAvgPool2d", "AdaptiveMaxPooling": "AdaptiveMaxPool2d",
    "GroupQueryAttention": "MultiHeadAttention", "Attention": "scaled_dot_product_attention",
    "SpatialDropout": "Dropout2d", "UpSampling": "Upsample", "ZeroPadding": "ZeroPad2d",
    "Reshape": "Unflatten", "Masking": "masks are arguments", "Cropping": "slices, or pad",
    "TimeDistributed": "layers take any axes in front", "EinsumDense": "tensor.einsum",
    "ReversibleEmbedding": "Embedding", "Rescaling": "Lambda", "Normalization": "BatchNorm",
    **dict.fromkeys(["Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract",
                     "Permute", "RepeatVector"], "functions of cnengine.tensor"),
    **dict.fromkeys(["Input", "InputLayer", "InputSpec", "Layer", "Wrapper", "ActivityRegularization",
                     "FlaxLayer", "JaxLayer", "TFSMLayer", "TorchModuleWrapper", "Pipeline"],
                    "how Keras builds its graphs and wraps others"),
    **dict.fromkeys(["CategoryEncoding", "Discretization", "HashedCrossing", "Hashing", "StringLookup",
                     "IntegerLookup", "TextVectorization"], "columns are made by cnengine.frame"),
    **dict.fromkeys(["MelSpectrogram", "STFTSpectrogram"], "tensor.fft; no features of sound"),
    "AdditiveAttention": "attention before that of products", "ConvLSTM": "no kernel of its own",
    "MaxNumBoundingBoxes": "boxes of pictures", "Resizing": "interpolate",
    **dict.fromkeys(["AugMix", "AutoContrast", "CenterCrop", "CutMix", "Equalization", "MixUp",
                     "ContrastLimitedAdaptiveHistogramEqualization", "RandAugment", "Random",
                     "Solarization"], "pictures are changed by Dataset.map"),
}  # fmt: skip


def classes(module, base):
    return {name for name, value in vars(module).items() if inspect.isclass(value)
            and issubclass(value, base) and not name.startswith("_")}  # fmt: skip


def check(names, space, told):
    """Each name is here, or told; what is told of by a name of ours is here; nothing is told twice."""
    here = {name for name in names if hasattr(space, name)}
    assert names - here - set(told) == set()
    assert {name for name in told if name in here and " " not in told[name]} <= {"Optimizer"}
    for name, meant in told.items():
        if meant.isidentifier():
            assert hasattr(space, meant), name


@pytest.mark.parametrize("kind", ["modules", "functions", "optimizers", "schedules"])
def test_torch(torch, kind):
    if kind == "modules":
        names = {each for each in classes(torch.nn, torch.nn.Module) if not each.startswith("Lazy")}
        check(names - {"Module"}, nn, MODULES)
    elif kind == "functions":
        space = vars(torch.nn.functional)
        names = {name for name, value in space.items() if callable(value) and name.islower()
                 and name[0].isalpha() and not inspect.isclass(value) and not name.endswith("_")
                 and not name.endswith("_with_indices") and not name.startswith("fractional")}  # fmt: skip
        helpers = {"assert_int_or_pair", "boolean_dispatch", "handle_torch_function"}
        names -= helpers | {name for name in names if name.startswith("has_torch")}
        check(names, functional, FUNCTIONS)
    elif kind == "optimizers":
        check(classes(torch.optim, torch.optim.Optimizer), nn, OPTIMIZERS)
    else:
        base = torch.optim.lr_scheduler.LRScheduler
        check(classes(torch.optim.lr_scheduler, base), schedules, SCHEDULES)


def test_keras():
    keras = pytest.importorskip("keras", reason="keras is not installed")
    left = set()
    for name in classes(keras.layers, keras.layers.Layer):
        plain = name.replace("1D", "").replace("2D", "").replace("3D", "")
        mine = {name, name[:-1] + "d", plain + "2d"} | ({plain} if plain != name else set())
        known = any(hasattr(nn, each) for each in mine) or plain in KERAS
        if not known and not plain.startswith("Random") and "Convolution" not in plain:
            left.add(name)
    assert left <= {"AvgPool1D", "Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}


def test_what_stands_for_keras_is_here():
    for name, meant in KERAS.items():
        first = meant.split("(")[0].split(":")[0].split(" ")[0]
        if meant[0].isupper() and first.isidentifier():
            assert hasattr(nn, first), name
