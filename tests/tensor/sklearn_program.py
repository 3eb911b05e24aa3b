"""scikit-learn's estimators and scores on arrays of ours; see test_sklearn.py.

Run with SCIPY_ARRAY_API=1, which scikit-learn asks for. Each result is compared with that of NumPy's
arrays, up to the signs of components.
"""

import warnings

import cnengine.tensor as ct
import numpy as np
import sklearn.metrics as scores
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, RidgeCV
from sklearn.metrics import pairwise
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    StandardScaler,
)

RNG = np.random.default_rng(0)
X, Y = make_classification(60, 8, n_informative=4, random_state=0)
REAL = X @ RNG.normal(size=8) + 0.1 * RNG.normal(size=60)
POSITIVE, NEAR = np.abs(REAL) + 0.1, (np.abs(REAL) + 0.1) * RNG.uniform(0.8, 1.2, 60)
WEIGHTS = RNG.uniform(0.5, 1, 60)
GUESSED, SURE = (Y + (RNG.random(60) > 0.8)) % 2, RNG.random(60)

TRANSFORMERS = [
    StandardScaler(), MinMaxScaler(), MaxAbsScaler(), Normalizer(), Binarizer(), PolynomialFeatures(2),
    PCA(3, svd_solver="full"), PCA(3, svd_solver="covariance_eigh"), Nystroem(n_components=5, random_state=0),
    PCA(3, svd_solver="randomized", random_state=0, power_iteration_normalizer="QR", iterated_power=7),
    make_pipeline(StandardScaler(), PCA(2, svd_solver="full")),
]  # fmt: skip
REGRESSORS = [Ridge(solver="svd"), RidgeCV()]
CLASSIFIERS = [
    LinearDiscriminantAnalysis(solver="svd"), LogisticRegression(max_iter=500), GaussianNB(),
    CalibratedClassifierCV(RidgeClassifier(solver="svd"), method="temperature", ensemble=False),
]  # fmt: skip
OF_CLASSES = ["accuracy_score", "balanced_accuracy_score", "f1_score", "precision_score", "recall_score",
              "jaccard_score", "zero_one_loss", "hamming_loss", "confusion_matrix"]  # fmt: skip
OF_NUMBERS = ["mean_squared_error", "mean_absolute_error", "r2_score", "mean_squared_log_error",
              "mean_absolute_percentage_error", "explained_variance_score", "median_absolute_error",
              "mean_pinball_loss", "mean_poisson_deviance", "mean_gamma_deviance", "d2_tweedie_score"]  # fmt: skip
KERNELS = ["euclidean_distances", "cosine_similarity", "linear_kernel", "polynomial_kernel", "rbf_kernel",
           "sigmoid_kernel", "manhattan_distances", "chi2_kernel", "paired_cosine_distances"]  # fmt: skip


def predicted(estimator, x, y, method):
    return getattr(clone(estimator).fit(x, y), method)(x)


def cases(dtype):
    """A name, and a function that is told how arrays are made."""
    x, real = X.astype(dtype), REAL.astype(dtype)
    for each in TRANSFORMERS:
        yield str(each), lambda a, each=each: clone(each).fit_transform(a(x))
    for each in REGRESSORS:
        yield str(each), lambda a, each=each: predicted(each, a(x), a(real), "predict")
    for each in [*CLASSIFIERS, RidgeClassifier(solver="svd")]:
        method = "predict" if isinstance(each, RidgeClassifier) else "predict_proba"
        yield str(each), lambda a, each=each, m=method: predicted(each, a(x), a(Y), m)
    for each in (LabelEncoder(), LabelBinarizer()):
        yield str(each), lambda a, each=each: clone(each).fit_transform(a(Y))
    yield "folds", lambda a: cross_val_predict(Ridge(solver="svd"), a(x), a(real), cv=3)
    yield "parts", lambda a: train_test_split(a(x), random_state=0)[0]
    for name in OF_CLASSES:
        score = getattr(scores, name)
        yield name, lambda a, score=score: score(a(Y), a(GUESSED), sample_weight=a(WEIGHTS))
    for name in OF_NUMBERS:
        score = getattr(scores, name)
        yield name, lambda a, score=score: score(a(POSITIVE), a(NEAR), sample_weight=a(WEIGHTS))
    for name in ("roc_auc_score", "average_precision_score", "brier_score_loss"):
        yield name, lambda a, name=name: getattr(scores, name)(a(Y), a(SURE))
    for name in KERNELS:
        kernel = getattr(pairwise, name)
        yield name, lambda a, kernel=kernel: kernel(a(np.abs(x)), a(np.abs(x[::-1].copy())))


def main():
    warnings.simplefilter("ignore")
    for dtype, rtol in (("float64", 1e-6), ("float32", 2e-3)):
        for name, case in cases(dtype):
            expected = case(np.asarray)
            with config_context(array_api_dispatch=True):
                got = case(ct.asarray)
            assert np.ndim(expected) == 0 or isinstance(got, ct.Array), f"{name}: {type(got)}"
            np.testing.assert_allclose(np.abs(np.asarray(got)), np.abs(expected), rtol=rtol, atol=rtol,
                                       err_msg=f"{name} of {dtype}")  # fmt: skip


if __name__ == "__main__":
    main()
