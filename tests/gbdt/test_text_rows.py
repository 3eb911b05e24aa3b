"""Text in NumPy arrays of objects and in lists: as in a pandas frame of the same values."""

import cnengine as cn
import numpy as np
import pandas as pd
import pytest
from cnengine.gbdt import Dataset, GBDTRegressor, cv, train

RNG = np.random.default_rng(9)
N = 600
CITY = RNG.choice(["oslo", "rome", "bern", "lima"], N).astype(object)
CITY[RNG.random(N) < 0.1] = None
CODE = RNG.integers(3, 8, N)
A = RNG.normal(size=N)
A[RNG.random(N) < 0.1] = np.nan
Y = (CITY == "oslo") * 2.0 + (CODE == 5) + np.nan_to_num(A)
FRAME = pd.DataFrame({"city": CITY, "code": CODE, "a": A})
ARRAY = np.empty((N, 3), dtype=object)
ARRAY[:, 0], ARRAY[:, 1], ARRAY[:, 2] = CITY, CODE.tolist(), A.tolist()


def same_trees(one, two):
    """Models that are equal but for the names of their features."""
    assert one.trees() == two.trees()
    assert one.categories() == two.categories()
    assert one.num_trees > 0


@pytest.mark.parametrize("chosen", ["auto", [0], [0, 1], [1], None], ids=str)
def test_a_dataset_of_objects(chosen):
    by_frame = train({}, Dataset(FRAME, Y, categorical_features=chosen), 10)
    data = Dataset(ARRAY, Y, categorical_features=chosen)
    model = train({}, data, 10)
    same_trees(model, by_frame)
    assert model.feature_names == ["", "", ""]
    np.testing.assert_array_equal(model.predict(ARRAY), by_frame.predict(FRAME))
    np.testing.assert_array_equal(model.predict(ARRAY), model.predict(ARRAY.tolist()))
    np.testing.assert_array_equal(model.predict(ARRAY), by_frame.predict(ARRAY))
    np.testing.assert_array_equal(
        model.predict_contributions(ARRAY), by_frame.predict_contributions(FRAME)
    )
    assert (data.num_rows, data.num_features, data.feature_names) == (N, 3, [])


def test_names_of_features_beside_objects():
    data = Dataset(ARRAY, Y, feature_names=["city", "code", "a"], categorical_features=["code"])
    by_frame = train({}, Dataset(FRAME, Y, categorical_features=["code"]), 10)
    model = train({}, data, 10, valid_sets=[Dataset(ARRAY, Y)])
    assert model.to_bytes() == train({}, data, 10).to_bytes()
    same_trees(model, by_frame)
    assert model.feature_names == by_frame.feature_names


def test_cross_validation_and_batches():
    by_frame = cv({}, Dataset(FRAME, Y), 5, nfold=3)
    assert cv({}, Dataset(ARRAY, Y), 5, nfold=3) == by_frame

    def batches():
        for begin in range(0, N, 200):
            yield ARRAY[begin : begin + 200], Y[begin : begin + 200]

    model = train({}, Dataset.from_batches(batches), 5)
    same_trees(model, train({}, Dataset(ARRAY, Y), 5))


def test_columns_of_pandas_that_hold_several_kinds():
    bad = FRAME.assign(city=np.array(["a", 1] * (N // 2), dtype=object))
    category = FRAME.assign(city=pd.Categorical(np.array(["a", 1] * (N // 2), dtype=object)))
    text = r"values of one kind, text or numbers, in column 'city' of X, got ('a' and 1|1 and 'a')"
    for frame in (bad, category):
        for use in (
            lambda X: Dataset(X, Y),
            lambda X: GBDTRegressor().fit(X, Y),
            lambda X: train({}, Dataset(FRAME, Y), 1).predict(X),
            lambda X: GBDTRegressor(n_estimators=1).fit(FRAME, Y).predict(X),
            lambda X: train({}, Dataset(X.assign(y=Y), label="y"), 1),
        ):
            with pytest.raises(cn.errors.TypeError, match=text):
                use(frame)
    numbers = FRAME.assign(code=np.array([1, 2.5] * (N // 2), dtype=object))
    plain = FRAME.assign(code=[1, 2.5] * (N // 2))
    assert (
        train({}, Dataset(numbers, Y), 3).to_bytes() == train({}, Dataset(plain, Y), 3).to_bytes()
    )
