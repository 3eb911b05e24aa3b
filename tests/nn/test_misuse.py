"""Wrong use of layers, optimisers and trainings: errors of ours that name what came as what."""

import inspect

import cnengine.errors as ce
import cnengine.tensor as ct
import numpy as np
import pytest
from cnengine import nn

PAIR = nn.Linear(2, 2)
ROWS = nn.Dataset.from_arrays(np.zeros((6, 2), np.float32), np.zeros(6, int))


def compiled():
    return nn.Model(nn.Linear(2, 2)).compile("sgd", "cross_entropy")


def fit(**options):
    return compiled().fit(np.zeros((6, 2), np.float32), np.zeros(6, int), verbose=0, **options)


# What is called, the class of the error, and parts of what it says.
CONSTRUCTORS = [
    (lambda: nn.Linear("a", 3), ce.TypeError, "Linear: .*whole number as in_features, got str 'a'"),
    (lambda: nn.Linear(3, -1), ce.ArgumentError, "Linear: expected out_features of at least 0"),
    (lambda: nn.Linear(3.5, 1), ce.TypeError, "Linear: .*whole number as in_features, got 3.5"),
    (lambda: nn.Linear(3, True), ce.TypeError, "Linear: .*as out_features, got True"),
    (lambda: nn.Linear(3, 2, dtype="f"), ce.TypeError, "Linear: expected a type of elements"),
    (lambda: nn.Linear(3, 2, dtype=3), ce.TypeError, "Linear: .*elements as dtype, got 3"),
    (lambda: nn.Linear(3, 2, weight_init=0), ce.TypeError, "Linear: .*function or None as weight_"),
    (lambda: nn.Conv2d(3, 8, kernel_size="x"), ce.TypeError, "Conv2d: .*as kernel_size, got str"),
    (lambda: nn.Conv2d(3, 8, 0), ce.ArgumentError, "Conv2d: expected kernel_size of at least 1"),
    (lambda: nn.Conv2d(3, 8, 3, stride=(1, 0)), ce.ArgumentError, r"stride .*got \(1, 0\)"),
    (lambda: nn.Conv2d(3, 8, 3, padding=-1), ce.ArgumentError, "Conv2d: expected padding of at"),
    (lambda: nn.Conv1d(3, 8, 3, groups=2), ce.ArgumentError, "Conv1d: expected channels in 2 eq"),
    (lambda: nn.MaxPool2d(2, stride=0), ce.ArgumentError, "MaxPool2d: expected stride of at l"),
    (lambda: nn.Dropout(2), ce.ArgumentError, "Dropout: expected 0 <= p < 1, got 2"),
    (lambda: nn.Dropout(None), ce.TypeError, "Dropout: expected a number as p, got None"),
    (lambda: nn.BatchNorm(-3), ce.ArgumentError, "BatchNorm: expected num_features"),
    (lambda: nn.Adam(eps=-1.0), ce.ArgumentError, "Adam: expected eps of at least 0, got -1.0"),
    (lambda: nn.BatchNorm(3, eps=float("nan")), ce.ArgumentError, "BatchNorm: expected eps"),
    (lambda: nn.LayerNorm(None), ce.TypeError, "LayerNorm: .*as normalized_shape, got None"),
    (lambda: nn.MultiHeadAttention("a", 2), ce.TypeError, "MultiHeadAttention: .*as embed_dim"),
    (lambda: nn.LSTM(3, None), ce.TypeError, "LSTM: .*whole number as hidden_size, got None"),
    (lambda: nn.Sequential(PAIR, 3), ce.TypeError, "Sequential: .*Module or a function as layers"),
    (lambda: nn.ModuleList(3), ce.TypeError, "ModuleList: expected a sequence of Modules"),
    (lambda: nn.Adam("0.1"), ce.TypeError, "Adam: .*learning_rate"),
    (lambda: nn.Adam(0.1, betas=0.9), ce.TypeError, "Adam: expected 2 numbers as betas, got 0.9"),
    (lambda: nn.Adam(0.1, betas=(0.9, 1.5)), ce.ArgumentError, "0 <= beta < 1"),
    (lambda: nn.SGD(0.1, momentum=-1.0), ce.ArgumentError, "SGD: expected momentum of at least 0"),
    (lambda: nn.SGD(-0.1), ce.ArgumentError, "SGD: expected a rate of at least 0"),
    (lambda: nn.EarlyStopping(monitor=3), ce.TypeError, "EarlyStopping: .*string as monitor"),
    (lambda: nn.CSVLogger(3), ce.TypeError, "CSVLogger: expected a string or a path as path"),
    (lambda: nn.schedules.cosine("a", 3), ce.TypeError, "cosine: expected a number as rate"),
    (lambda: nn.schedules.cosine(0.1, 0), ce.ArgumentError, "cosine: expected at least one step"),
    (lambda: nn.schedules.step(0.1, 0), ce.ArgumentError, "step: expected step_size of at least"),
    (lambda: nn.init.normal("a"), ce.TypeError, "normal: expected a number as std, got str 'a'"),
    (lambda: nn.init.normal(-1.0), ce.ArgumentError, "normal: expected std of at least 0"),
    (lambda: nn.schedules.exponential(0.1, 0.5, 0), ce.ArgumentError, "exponential: expected at"),
    (lambda: nn.LeakyReLU("a"), ce.TypeError, "LeakyReLU: expected a number as negative_slope, got"),
    (lambda: nn.GELU(3), ce.TypeError, "GELU: expected a string as approximate, got 3"),
    (lambda: nn.HuberLoss(delta="a"), ce.TypeError, "HuberLoss: expected a number as delta, got s"),
    (lambda: nn.Accumulate("sgd", 2), ce.TypeError, "Accumulate: expected an optimiser, got 'sgd'"),
    (lambda: nn.AdaptiveAvgPool2d(ct.ones((2, 3))), ce.TypeError, "AdaptiveAvgPool2d: .*output_size"),
    (lambda: nn.Conv2d(3, 8), TypeError, r"Conv2d.__init__\(\) missing .* 'kernel_size'"),
    (lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2), ce.TypeError,
     r"TransformerEncoder: .*a function that makes a layer, such as lambda: nn.Trans.*got a Trans"),
    (lambda: nn.Dataset.from_parquet("none.parquet"), ce.NotFoundError, "from_parquet: no file 'n"),
    (lambda: nn.load_weights(PAIR, 3), ce.TypeError, "load_weights: .*path as path, got 3"),
    (lambda: nn.load_weights(PAIR, "none.st"), ce.NotFoundError, "load_arrays: no file 'none.st'"),
    (lambda: PAIR.load_state_dict(3), ce.TypeError, "load_state_dict: expected a dict as values"),
    (lambda: PAIR.load_state_dict({"w": 1}), ce.NotFoundError, "missing .*weight.* unknown .*'w'"),
    (lambda: PAIR.load_state_dict({"weight": ct.ones(3), "bias": ct.ones(2)}), ce.ShapeError,
     r"weight: expected \(2, 2\), got \(3,\)"),
]  # fmt: skip
CALLS = [
    (lambda: PAIR("a"), ce.TypeError, "Linear: expected an array as x, got str 'a'"),
    (lambda: PAIR(3), ce.TypeError, "Linear: expected an array as x, got 3"),
    (lambda: PAIR([[1.0, 2.0]]), ce.TypeError, "Linear: expected an array as x, got list"),
    (lambda: PAIR(None), ce.TypeError, "Linear: expected an array as x, got None"),
    (lambda: PAIR(ct.ones((2, 3))), ce.ShapeError, r"linear: .*last extent of 2, got \(2, 3\)"),
    (lambda: PAIR(ct.asarray([1, 2])), ce.TypeError, "linear: expected floats, got int64"),
    (lambda: nn.BatchNorm1d(3)(ct.ones((4,))), ce.ShapeError, "BatchNorm1d: .* of 2 or 3 axes"),
    (lambda: nn.Conv2d(3, 1, 1)(ct.ones((3,))), ce.ShapeError, r"Conv2d: .*got \(3,\)"),
    (lambda: nn.Embedding(3, 2)(ct.ones((2,))), ce.TypeError, "Embedding: expected whole numbers"),
    (lambda: nn.relu("a"), ce.TypeError, "relu: .*got str"),
    (lambda: nn.mse_loss(ct.ones(3), None), ce.TypeError, "mse_loss: .*target"),
    (lambda: nn.mse_loss(ct.ones(3), ct.ones(3), reduction="x"), ce.ArgumentError, "reduction"),
]
TRAININGS = [
    (lambda: nn.Model(3), ce.TypeError, "Model: expected a Module as module, got 3"),
    (lambda: nn.Model(PAIR).fit(ct.ones((2, 2))), ce.StateError, "fit: expected a call of `comp"),
    (lambda: nn.Model(PAIR).compile("sdg", "mse"), ce.ArgumentError, "did you mean 'sgd'"),
    (lambda: nn.Model(PAIR).compile("sgd", "mes"), ce.ArgumentError, "did you mean 'mse'"),
    (
        lambda: nn.Model(PAIR).compile("sgd", "mse", ["acuracy"]),
        ce.ArgumentError,
        "did you mean 'accuracy'",
    ),
    (lambda: nn.Model(PAIR).compile("sgd", "mse", "accuracy"), ce.TypeError, "as metrics, got str"),
    (lambda: nn.Model(PAIR).compile("sgd", "mse", accumulate=0), ce.ArgumentError, "accumulate of"),
    (lambda: nn.Model(PAIR).compile(3, "mse"), ce.ArgumentError, "optimizer: "),
    (lambda: nn.Model(PAIR).compile("sgd", 3), ce.ArgumentError, "loss: "),
    (lambda: fit(batch_size=0), ce.ArgumentError, "fit: expected batch_size of at least 1, got 0"),
    (lambda: fit(batch_size="a"), ce.TypeError, "fit: .*whole number as batch_size, got str 'a'"),
    (lambda: fit(epochs=-1), ce.ArgumentError, "fit: expected epochs of at least 0, got -1"),
    (lambda: fit(steps_per_epoch=0), ce.ArgumentError, "fit: expected steps_per_epoch of at lea"),
    (lambda: compiled().fit(ct.ones((4, 2)), ct.ones(3)), ce.ShapeError, "rows|first extent"),
    (lambda: compiled().fit("x", "y"), ce.TypeError, "Model: expected arrays of numbers, got"),
    (lambda: compiled().evaluate(ct.ones((4, 2)), batch_size=-1), ce.ArgumentError, "evaluate: "),
    (lambda: compiled().predict(ct.ones((4, 2)), steps=0), ce.ArgumentError, "predict: "),
    (lambda: compiled().predict(None), ce.TypeError, "Model: expected arrays of numbers or"),
    (lambda: ROWS.batch(0), ce.ArgumentError, "batch: expected at least one row, got 0|n of at"),
    (lambda: ROWS.batch("a"), ce.TypeError, "batch: expected a whole number as n, got str 'a'"),
    (lambda: ROWS.shuffle(-1), ce.ArgumentError, "shuffle: .*buffer .*got -1"),
    (lambda: ROWS.take("a"), ce.TypeError, "take: expected a whole number as count, got str 'a'"),
    (lambda: ROWS.take(-1), ce.ArgumentError, "take: expected at least 0 elements, got -1"),
    (lambda: ROWS.skip(-1), ce.ArgumentError, "expected at least 0 elements, got -1"),
    (lambda: ROWS.prefetch(-1), ce.ArgumentError, "prefetch: .*got -1"),
    (lambda: ROWS.map(3), ce.TypeError, "map: expected a function as f, got 3"),
    (lambda: ROWS.concatenate(3), ce.TypeError, "concatenate: expected a Dataset as other, got 3"),
    (lambda: nn.Dataset.from_items(3), ce.TypeError, "from_items: .* function as items, got 3"),
    (lambda: nn.Dataset.from_parquet(3.5), ce.TypeError, "from_parquet: "),
    (
        lambda: nn.Dataset.from_log(None, 3, {}),
        ce.TypeError,
        "from_log: expected a string as topic",
    ),
    (lambda: nn.Dataset.zip(3), ce.TypeError, "zip: expected a Dataset as datasets, got 3"),
    (lambda: compiled().set_weights(None), ce.TypeError, "set_weights: expected 2 .* as weights"),
    (
        lambda: compiled().train_on_batch(ct.ones((2, 2)), {}),
        ce.TypeError,
        "Model.train_on_batch: ",
    ),
    (lambda: nn.Adam().update({}, None, {}), ce.ArgumentError, "Adam: update: expected .grads, st"),
    (lambda: nn.Adam().rate(None), ce.TypeError, "Adam.rate: .* as state, got None"),
    (lambda: nn.Accuracy().update(None, ct.ones(2), ct.ones(2)), ce.TypeError, "Accuracy.update: "),
    (
        lambda: nn.AUC().update(nn.AUC().init(), 3, ct.ones(2)),
        ce.TypeError,
        "AUC.update: .* y_true",
    ),
    (lambda: nn.Dataset.from_arrays(np.zeros(3), np.zeros(4)), ce.ShapeError, "from_arrays: "),
]


@pytest.mark.parametrize(("use", "kind", "says"), CONSTRUCTORS + CALLS + TRAININGS)
def test_wrong_use(use, kind, says):
    with pytest.raises(kind, match=says):
        use()


def test_types_of_elements_by_name():
    for dtype in ("float64", np.float64, np.dtype("float64")):
        assert nn.Linear(3, 2, dtype=dtype).weight.dtype == ct.float64


# Numbers, containers and objects that few parameters take, whatever they are for.
HOSTILE = [None, "abc", -1, 2**70, 1.5, float("nan"), 1j, [], [[1], [2, 3]], {"a": 1}, object(),
           b"x", np.array(["a", "b"]), np.array([None]), ct.ones((2, 3)), {1, 2}]  # fmt: skip
NEEDED = {
    "num_heads": 2, "nhead": 2, "num_groups": 2, "module": PAIR, "function": ct.exp, "f": ct.exp,
    "optimizer": nn.SGD(), "make": lambda: nn.TransformerEncoderLayer(4, 2, 8), "path": "x.csv",
    "dtype": ct.float16, "schedule": lambda epoch, rate: rate, "norm_type": 2.0, "layers": PAIR,
}  # fmt: skip
OPEN = {"Module", "Callback", "Rest", "Dataset", "LambdaCallback", "MLflowLogger", "ProgressBar"}


def classes():
    for name in sorted(set(nn.__all__) - OPEN):
        made = getattr(nn, name)
        if isinstance(made, type):
            yield pytest.param(made, id=name)


def said(made, args, options):
    """What an error of ours says; of Python's are those of missing arguments alone."""
    try:
        made(*args, **options)
    except ce.Error as error:
        return str(error)
    except TypeError as error:
        return str(error).split(".")[0] if "missing" in str(error) else str(error)
    return None


@pytest.mark.parametrize("made", list(classes()))
def test_constructors_say_what_is_wrong(made):
    parameters = [each for each in inspect.signature(made).parameters.values()
                  if each.kind is not each.VAR_KEYWORD]  # fmt: skip
    for wrong in HOSTILE:
        for other in parameters:
            args, options = [], {}
            for each in parameters:
                if each is not other and (each.default is not each.empty or each.name == "args"):
                    continue
                value = wrong if each is other else NEEDED.get(each.name, 4)
                if each.kind is each.KEYWORD_ONLY:
                    options[each.name] = value
                elif each.kind is each.VAR_POSITIONAL or not options:
                    args.append(value)
            told = said(made, args, options)
            assert told is None or told.split(":")[0].isidentifier()
