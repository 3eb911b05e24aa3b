"""Names of training parameters as tables: ours, and those of LightGBM, XGBoost and CatBoost.

Sources: LightGBM 4 (docs/Parameters.rst), XGBoost 3 (doc/parameter.rst and its scikit-learn
classes), CatBoost 1.2 (training parameters).
"""

# Options whose value is taken as it is: its kind, and their other names. Each name is in one table
# of this file only.
OPTIONS: dict[str, tuple[str, str]] = {
    "num_class": ("integer", "num_classes classes_count"),
    "outputs": ("integer", "num_target"),
    "quantiles": ("numbers", ""),
    "huber_delta": ("number", ""),
    "fair_c": ("number", ""),
    "tweedie_power": ("number", "tweedie_variance_power"),
    "poisson_max_delta_step": ("number", ""),
    "focal_gamma": ("number", ""),
    "focal_alpha": ("number", ""),
    "sigmoid": ("number", ""),
    "scale_pos_weight": ("number", ""),
    "ranking_truncation": (
        "integer",
        "lambdarank_truncation_level lambdarank_num_pair_per_sample",
    ),
    "ranking_normalize": ("flag", "lambdarank_norm lambdarank_normalization"),
    "aft_noise": ("text", "aft_loss_distribution"),
    "aft_scale": ("number", "aft_loss_distribution_scale"),
    "n_estimators": (
        "integer",
        "num_iterations num_iteration n_iter num_tree num_trees num_round num_rounds nrounds "
        "num_boost_round max_iter iterations",
    ),
    "learning_rate": ("number", "eta shrinkage_rate"),
    "learning_rates": ("numbers", ""),
    "num_leaves": ("integer", "num_leaf max_leaves max_leaf max_leaf_nodes"),
    "min_child_samples": (
        "integer",
        "min_data_in_leaf min_data_per_leaf min_data min_samples_leaf",
    ),
    "min_sum_hessian": (
        "number",
        "min_sum_hessian_in_leaf min_sum_hessian_per_leaf min_hessian min_child_weight",
    ),
    "lambda_l1": ("number", "reg_alpha l1_regularization"),
    "lambda_l2": ("number", "reg_lambda lambda l2_regularization l2_leaf_reg"),
    "min_gain": ("number", ""),
    "max_delta_step": ("number", "max_tree_output max_leaf_output"),
    "path_smooth": ("number", ""),
    "extra_trees": ("flag", "extra_tree"),
    "random_strength": ("number", ""),
    "colsample": ("number", "feature_fraction sub_feature colsample_bytree"),
    "colsample_bylevel": ("number", "rsm"),
    "colsample_bynode": ("number", "feature_fraction_bynode sub_feature_bynode"),
    "monotone_penalty": (
        "number",
        "monotone_splits_penalty ms_penalty mc_penalty",
    ),
    "max_cat_to_onehot": ("integer", "one_hot_max_size"),
    "max_cat_threshold": ("integer", ""),
    "cat_smooth": ("number", ""),
    "cat_l2": ("number", ""),
    "min_data_per_group": ("integer", ""),
    "cat_method": ("text", ""),
    "ordered_prior": ("number", ""),
    "max_bins": ("integer", ""),
    "subsample_for_bin": ("integer", "bin_construct_sample_cnt"),
    "data_sample_strategy": ("text", ""),
    "subsample": ("number", "bagging_fraction sub_row bagging"),
    "bagging_freq": ("integer", "subsample_freq"),
    "pos_bagging_fraction": ("number", "pos_sub_row pos_subsample pos_bagging"),
    "neg_bagging_fraction": ("number", "neg_sub_row neg_subsample neg_bagging"),
    "bagging_by_query": ("flag", ""),
    "top_rate": ("number", ""),
    "other_rate": ("number", ""),
    "mvs_reg": ("number", ""),
    "bagging_temperature": ("number", ""),
    "drop_rate": ("number", "rate_drop"),
    "max_drop": ("integer", ""),
    "skip_drop": ("number", ""),
    "uniform_drop": ("flag", ""),
    "normalize_type": ("text", ""),
    "multi_strategy": ("text", ""),
    "leaf_estimation_iterations": ("integer", ""),
    "linear_tree": ("flag", "linear_trees"),
    "linear_lambda": ("number", ""),
    "gradient_bits": ("integer", ""),
    "early_stopping_min_delta": ("number", ""),
    "first_metric_only": ("flag", ""),
    "snapshot_every": ("integer", ""),
    "snapshot_path": ("text", ""),
}

# Names whose values `option_values` turns into options, by the option that they give.
CONVERTED: dict[str, str] = {
    "objective": "objective objective_type app application loss loss_function",
    "boosting": "boosting boosting_type boost booster",
    "grow_policy": "grow_policy",
    "min_gain": "min_gain_to_split min_split_gain gamma min_split_loss",
    "max_bins": "max_bin border_count",
    "max_depth": "max_depth depth",
    "quantiles": "quantile_alpha",
    "metrics": "metrics metric metric_types eval_metric",
    "early_stopping_rounds": "early_stopping_rounds early_stopping_round early_stopping "
    "n_iter_no_change od_wait",
    "seed": "seed random_seed random_state",
    "num_threads": "num_threads num_thread nthread nthreads n_jobs thread_count",
    "verbosity": "verbosity verbose verbose_eval silent logging_level",
    "device": "device device_type task_type task tree_method",
    "data_sample_strategy": "sampling_method bootstrap_type",
    "bagging_by_query": "sampling_unit",
    "uniform_drop": "sample_type",
    "normalize_type": "xgboost_dart_mode",
    "gradient_bits": "use_quantized_grad",
    "snapshot_every": "snapshot_freq save_period",
    "class_weight": "class_weight class_weights auto_class_weights is_unbalance unbalance "
    "unbalanced_sets",
    "categorical_features": "categorical_features categorical_feature categorical_column "
    "cat_column cat_feature cat_features feature_types",
    "monotone_method": "monotone_method monotone_constraints_method monotone_constraining_method "
    "mc_method",
    "monotone_constraints": "monotone_constraints mc monotone_constraint monotonic_cst",
    "interaction_constraints": "interaction_constraints",
    "unlisted_features": "unlisted_features",
}

# Names that mean something only beside others: `params` reads them last.
TOGETHER: dict[str, str] = {
    "alpha": "alpha",
    "eval_at": "eval_at ndcg_eval_at ndcg_at map_eval_at map_at",
    "multi_error_top_k": "multi_error_top_k",
    "custom_metric": "custom_metric custom_loss",
    "disable_default_eval_metric": "disable_default_eval_metric",
    "class_names": "class_names",
}

# They say how to compute, not what, or belong to what this engine does not need.
NO_EFFECT = (
    "force_col_wise force_row_wise histogram_pool_size hist_pool_size is_enable_sparse is_sparse "
    "enable_sparse sparse enable_bundle is_enable_bundle bundle feature_pre_filter two_round "
    "two_round_loading use_two_round_loading deterministic gpu_platform_id gpu_device_id "
    "gpu_device_id_list gpu_use_dp num_gpu gpu_id is_provide_training_metric training_metric "
    "is_training_metric train_metric metric_freq output_freq num_grad_quant_bins "
    "stochastic_rounding saved_feature_importance_type importance_type bagging_seed "
    "bagging_fraction_seed feature_fraction_seed drop_seed extra_seed objective_seed "
    "data_random_seed data_seed validate_parameters single_precision_histogram "
    "enable_categorical predictor num_feature seed_per_iteration fail_on_invalid_gpu_id use_rmm "
    "max_cached_hist_node sparse_threshold debug_synchronize metric_period name used_ram_limit "
    "gpu_ram_part pinned_memory_size allow_writing_files train_dir data_partition devices "
    "device_config gpu_cat_features_storage dev_efb_max_buckets dev_score_calc_obj_block_size "
    "metadata sampling_frequency fold_len_multiplier fold_permutation_block "
    "feature_border_type leaf_estimation_backtracking random_score_type time_out "
    "local_listen_port local_port port predict_disable_shape_check precise_float_parser"
)

# Names that are known and have no counterpart here: the values that change nothing.
_OFF = (None, False, 0, "")
REFUSED: dict[str, tuple] = {
    # LightGBM
    "tree_learner tree tree_type tree_learner_type": ("serial",),
    "feature_contri feature_contrib fc fp feature_penalty": _OFF,
    "forcedsplits_filename fs forced_splits_filename forced_splits_file forced_splits": _OFF,
    "refit_decay_rate": (0.9,),
    "cegb_tradeoff": (1,),
    "cegb_penalty_split cegb_penalty_feature_lazy cegb_penalty_feature_coupled": _OFF,
    "quant_train_renew_leaf": (False,),
    "max_bin_by_feature": _OFF,
    "min_data_in_bin": (3, 1),
    "use_missing": (True,),
    "zero_as_missing": (False,),
    "forcedbins_filename": _OFF,
    "boost_from_average": (True,),
    "reg_sqrt": (False,),
    "label_gain": _OFF,
    "lambdarank_position_bias_regularization": (0,),
    "auc_mu_weights": _OFF,
    "num_machines num_machine": (1,),
    "machines workers nodes machine_list_filename machine_list_file machine_list mlist": _OFF,
    "pre_partition is_pre_partition": (False,),
    "top_k topk": (20,),
    "config config_file": _OFF,
    "data train train_data train_data_file data_filename": _OFF,
    "valid test valid_data valid_data_file test_data test_data_file valid_filenames": _OFF,
    "input_model model_input model_in": _OFF,
    "output_model model_output model_out": ("LightGBM_model.txt", ""),
    "output_result predict_result prediction_result predict_name prediction_name pred_name "
    "name_pred": ("LightGBM_predict_result.txt", ""),
    "convert_model convert_model_file": ("gbdt_prediction.cpp", ""),
    "convert_model_language": _OFF,
    "header has_header": (False,),
    "label_column label": _OFF,
    "weight_column weight": _OFF,
    "group_column group group_id query_column query query_id": _OFF,
    "ignore_column ignore_feature blacklist": _OFF,
    "save_binary is_save_binary is_save_binary_file": (False,),
    "parser_config_file": _OFF,
    "start_iteration_predict": (0,),
    "num_iteration_predict": (-1,),
    "predict_raw_score is_predict_raw_score predict_rawscore raw_score": (False,),
    "predict_leaf_index is_predict_leaf_index leaf_index": (False,),
    "predict_contrib is_predict_contrib contrib": (False,),
    "pred_early_stop": (False,),
    "pred_early_stop_freq": (10,),
    "pred_early_stop_margin": (10,),
    # XGBoost
    "num_parallel_tree": (1,),
    "one_drop": (False,),
    "process_type": ("default",),
    "refresh_leaf": (True,),
    "updater updater_seq": ("grow_quantile_histmaker", "grow_gpu_hist"),
    "base_score": (),
    "missing": ("nan",),
    "huber_slope": (1,),
    "lambdarank_pair_method": ("topk",),
    "lambdarank_unbiased": (False,),
    "lambdarank_bias_norm": (1,),
    "lambdarank_score_normalization": (True,),
    "ndcg_exp_gain": (True,),
    "feature_weights": _OFF,
    "feature_selector": ("cyclic",),
    # CatBoost
    "od_type": ("Iter",),
    "od_pval": (0,),
    "use_best_model": (True,),
    "best_model_min_trees": (1,),
    "model_size_reg": (0.5, 0),
    "leaf_estimation_method": ("Newton", "Exact"),
    "score_function": ("Cosine", "NewtonL2", "L2", "NewtonCosine"),
    "nan_mode": ("Min",),
    "has_time": (False,),
    "allow_const_label": (False,),
    "langevin posterior_sampling approx_on_full_history store_all_simple_ctr save_snapshot": (
        False,
    ),
    "diffusion_temperature": (0, 10000),
    "model_shrink_rate": (0,),
    "model_shrink_mode": ("Constant",),
    "penalties_coefficient": (1,),
    "first_feature_use_penalties per_object_feature_penalties": _OFF,
    "sparse_features_conflict_fraction eval_fraction": (0,),
    "max_ctr_complexity": (4,),
    "counter_calc_method": ("SkipTest", "Full"),
    "final_ctr_computation_mode": ("Default",),
    "ctr_leaf_count_limit ctr_target_border_count ctr_history_unit simple_ctr combinations_ctr "
    "per_feature_ctr ctr_description": (),
    "target_border ignored_features per_float_feature_quantization input_borders output_borders "
    "fixed_binary_splits text_features tokenizers dictionaries feature_calcers text_processing "
    "embedding_features snapshot_file snapshot_interval": _OFF,
    "force_unit_auto_pair_weights": (False,),
    "bayesian_matrix_reg": (0.1,),
}

# Objectives, and what the libraries call them, in small letters.
_OBJECTIVES: dict[str, str] = {
    "regression": "regression_l2 l2 mean_squared_error mse l2_root root_mean_squared_error rmse "
    "squared_error reg:squarederror reg:linear multirmse",
    "absolute": "regression_l1 l1 mean_absolute_error mae absolute_error reg:absoluteerror",
    "huber": "",
    "fair": "",
    "quantile": "reg:quantileerror multiquantile",
    "expectile": "",
    "mape": "mean_absolute_percentage_error",
    "poisson": "count:poisson",
    "gamma": "reg:gamma",
    "tweedie": "reg:tweedie",
    "binary": "logloss binary:logistic",
    "focal": "",
    "cross_entropy": "xentropy crossentropy reg:logistic",
    "multiclass": "softmax multi:softmax multi:softprob",
    "multiclassova": "multiclass_ova ova ovr multiclassonevsall",
    "lambdarank": "rank:ndcg",
    "lambdarank_map": "rank:map",
    "pairwise": "rank:pairwise",
    "rank_xendcg": "xendcg xe_ndcg xe_ndcg_mart xendcg_mart",
    "cox": "survival:cox",
    "aft": "survival:aft survivalaft",
    "custom": "none null na",
}
OBJECTIVES: dict[str, str] = {
    name: objective for objective, others in _OBJECTIVES.items()
    for name in (objective, *others.split())
}  # fmt: skip

# Objectives that are known and have no counterpart here.
REFUSED_OBJECTIVES = (
    "cross_entropy_lambda xentlambda reg:squaredlogerror reg:pseudohubererror binary:logitraw "
    "binary:hinge lambdamart yetirank yetirankpairwise pairlogit pairlogitpairwise queryrmse "
    "querysoftmax querycrossentropy stochasticfilter stochasticrank groupquantile lq "
    "loglinquantile logcosh rmsewithuncertainty multilogloss multicrossentropy "
    "multirmsewithmissingvalues usepermetricweight userpairwise combination"
)

# Numbers that an objective of CatBoost carries in its text, as "Quantile:alpha=0.9".
OBJECTIVE_NUMBERS: dict[str, dict[str, str]] = {
    "quantile": {"alpha": "quantiles"},
    "multiquantile": {"alpha": "quantiles"},
    "expectile": {"alpha": "quantiles"},
    "huber": {"delta": "huber_delta"},
    "tweedie": {"variance_power": "tweedie_power"},
    "focal": {"focal_alpha": "focal_alpha", "focal_gamma": "focal_gamma"},
    "survivalaft": {"dist": "aft_noise", "scale": "aft_scale"},
}

# Metrics of CatBoost that mean what ours do: our name, and the parameter that follows "@" in it
# with its default ("": none). What is not here goes on as it is.
METRICS: dict[str, tuple[str, str, str]] = {
    "RMSE": ("rmse", "", ""),
    "MAE": ("l1", "", ""),
    "MAPE": ("mape", "", ""),
    "SMAPE": ("smape", "", ""),
    "MSLE": ("msle", "", ""),
    "R2": ("r2", "", ""),
    "Quantile": ("quantile", "alpha", "0.5"),
    "Expectile": ("expectile", "alpha", "0.5"),
    "Huber": ("huber", "delta", ""),
    "FairLoss": ("fair", "smoothness", "1"),
    "LogCosh": ("logcosh", "", ""),
    "Poisson": ("poisson", "", ""),
    "Tweedie": ("tweedie", "variance_power", "1.5"),
    "Logloss": ("binary_logloss", "", ""),
    "CrossEntropy": ("cross_entropy", "", ""),
    "BrierScore": ("l2", "", ""),
    "Accuracy": ("accuracy", "proba_border", ""),
    "BalancedAccuracy": ("balanced_accuracy", "", ""),
    "Precision": ("precision", "proba_border", ""),
    "Recall": ("recall", "proba_border", ""),
    "F1": ("f1", "proba_border", ""),
    "MCC": ("mcc", "proba_border", ""),
    "Kappa": ("kappa", "proba_border", ""),
    "AUC": ("auc", "", ""),
    "AUC:type=Classic": ("auc", "", ""),
    "AUC:type=Mu": ("auc_mu", "", ""),
    "PRAUC": ("prauc", "", ""),
    "MultiClass": ("multi_logloss", "", ""),
    "MultiClassOneVsAll": ("ova_logloss", "", ""),
    "NDCG:type=Exp": ("ndcg", "top", ""),
    "MAP": ("map-", "top", ""),
    "MRR": ("mrr", "top", ""),
    "PrecisionAt": ("pre", "top", ""),
}
