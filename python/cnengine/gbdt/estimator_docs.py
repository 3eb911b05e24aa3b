"""What the estimators say of their parameters and of `fit`."""

PARAMETERS = """
    Parameters
    ----------
    n_estimators : int
        Rounds of boosting at most.
    num_leaves : int or None
        Leaves of a tree at most, 2 to 131072; None for no limit but `max_depth`.
    learning_rate : float
        What each tree's values are multiplied by, above 0.
    objective : str, callable or None
        What is minimised; None for {default}. {objectives}
        A callable takes (y, scores), (y, scores, weight), or with the query sizes as fourth
        argument, and returns gradients and hessians in the shape of the scores, multiplied by the
        weights where there are some, as with LightGBM and XGBoost. Rows of weight 0 take no part.
    max_depth : int or None
        Splits from the root to a leaf at most; None for no limit (6 for symmetric trees).
    grow_policy : "leafwise", "depthwise" or "symmetric"
        The best split first; level by level; all leaves of a level by one split.
    boosting : "gbdt", "dart" or "rf"
        Gradient boosting, with dropped trees, or a random forest.
    data_sample_strategy : "bagging", "goss", "mvs" or "bayesian"
        How `subsample` picks rows: by chance, by large gradients (Ke et al. 2017), with minimal
        variance (Ibragimov and Gusev 2019), or by random weights.
    min_child_samples : int
        Rows in each child of a split at least.
    min_sum_hessian : float
        Sum of second derivatives in each child at least.
    lambda_l1, lambda_l2 : float
        Regularisation of leaf values.
    min_gain : float
        Loss reduction that a split must exceed.
    max_delta_step : float
        The largest leaf value before the learning rate; 0 for no limit.
    path_smooth : float
        Rows for which a leaf's value is its parent's by half; 0 for none.
    extra_trees : bool
        One random threshold for each feature and leaf.
    linear_tree : bool
        Leaves hold a linear function of the features on their path.
    max_bins : int
        Bins of a numeric feature, 2 to 255, besides the one for missing values.
    subsample : float
        Share of the rows that each tree sees, in (0, 1].
    colsample, colsample_bylevel, colsample_bynode : float
        Share of the features that each tree, level of a tree, leaf sees, in (0, 1].
    monotone_constraints : list, dict or None
        By feature, or by name or position: 1 rising, -1 falling, 0 neither.
    interaction_constraints : list of lists, or None
        Sets of features, by name or position; those of a path are all in one set.
    multi_strategy : "one_output_per_tree" or "multi_output_tree"
        With several outputs: a tree for each, or one whose leaves hold a value for each.
    cat_method : "subsets" or "ordered"
        Splits on categories by the gradients of the leaf (LightGBM's), or on target means of
        earlier rows (CatBoost's).
    categorical_features : "auto", None, or list of int or str
        Features that hold categories, by position or name. "auto" takes pandas and polars
        categoricals, Arrow dictionaries and text; text is categorical in any case. In a column of
        numbers each number is a category: 1.5 is one of its own, not 1 as in LightGBM.
    gradient_bits : 32, 16 or 8
        Bits of the gradients while splits are searched; leaf values are exact.
    class_weight : "balanced", dict or None
        Weights of the classes (only `GBDTClassifier`).
    eval_metric : str, callable, list of them, or None
        What `eval_set` is judged by; None for the objective's own. A callable takes (y, prediction)
        or (y, prediction, weight) and returns a number, of which the smaller is better, or
        (name, value, larger is better).
    early_stopping_rounds : int or None
        Stop when the first metric of the first set has not improved for so many rounds, and keep
        the best.
    random_state : int, numpy.random.RandomState or None
        Seed of sampling; None is 0. The same seed gives the same model.
    n_jobs : int or None
        Threads; None for `cnengine.num_threads()`. The model does not depend on it.
    device : "cpu" or "gpu"
        Where trees are grown; "gpu" is the first CUDA device. The model is the same bit for bit.
        A GPU grows leaf-wise and depth-wise trees of one output for squared error, log loss and
        classes, on numbers; options that it does not have raise UnsupportedError.
    handle_unknown : "missing" or "error"
        What a category means at prediction that training did not see.
    params : dict or None
        More options, by the names of cnengine, LightGBM, XGBoost or CatBoost, as `train` takes.

    Attributes
    ----------
    booster_ : Booster
        The model by itself: `predict_row(row)`, `trees()`, `categories()`, `to_bytes()`.
    n_features_in_, feature_names_in_ : as in scikit-learn
    feature_importances_ : ndarray of float64, gains that add up to 1
    best_iteration_ : int, rounds kept
    best_score_ : float, the first metric of the first set there; NaN without one
    evals_result_ : dict, by evaluation set and metric the value after each round
    objective_ : str, the objective's name
"""

FIT = """Trains on X and y.

        Parameters
        ----------
        X : array, sparse matrix, or pyarrow, polars or pandas table of (rows, features)
            NaN and null are missing values; absent elements of a sparse matrix are zeros.
        y : {labels}
        sample_weight : array of float, or None
            Weights >= 0; a row of weight 0 does not count.
        base_margin : array of (rows,) or (rows, outputs), or None
            Scores to begin from. Predictions do not include them.
        eval_set : (X, y), list of them, or None
            Rows that are scored after each round, into `evals_result_`.
        eval_names : list of str, or None
            "valid_0", "valid_1", ... without.
        eval_sample_weight, eval_base_margin : array, or list of one for each set, or None
        init_model : Booster, estimator, path or None
            A model to go on from; its trees stay in front, its rounds count as if they were this
            training's own: they come first in `evals_result_`.
        callbacks : list of callables, or None
            See `cnengine.gbdt.callbacks`.

        Raises
        ------
        cnengine.errors.ArgumentError
            Labels or weights that are NaN or infinite, options out of range.
        cnengine.errors.ShapeError
            Lengths that differ.
        """
