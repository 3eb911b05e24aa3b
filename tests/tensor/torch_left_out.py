"""Operators of torch's table that ours has no counterpart of, by reason."""

LEFT_OUT = {
    "composition of what is here": """
        addcdiv addcmul as_strided_scatter block_diag broadcast_shapes cartesian_prod cdist clone
        combinations complex constant_pad_nd cumulative_trapezoid diag diag_embed diagonal_scatter
        dist equal fill float_power frac gradient hash_tensor histc index_add index_copy index_fill
        index_put index_reduce istft kthvalue ldexp lerp linalg.tensorinv linalg.tensorsolve
        linalg.vander logit logspace masked.amax masked.amin masked.argmax masked.argmin
        masked.cumprod masked.cumsum masked.log_softmax masked.logaddexp masked.logsumexp
        masked.mean masked.median masked.norm masked.normalize masked.prod masked.softmax
        masked.softmin masked.std masked.sum masked.var masked_scatter median mode nanmedian
        nn.functional.channel_shuffle nn.functional.embedding_bag nn.functional.interpolate
        nn.functional.linear_cross_entropy nn.functional.multi_head_attention_forward
        nn.functional.normalize nn.functional.pairwise_distance nn.functional.pdist
        nn.functional.pixel_shuffle nn.functional.pixel_unshuffle
        nn.functional.triplet_margin_with_distance_loss nn.functional.unfold
        nn.functional.upsample_bilinear nn.functional.upsample_nearest norm polar put renorm
        select_scatter slice_scatter special.entr special.log_ndtr special.ndtr special.ndtri
        special.xlog1py std_mean stft sum_to_size tril_indices triu_indices unfold
        unique_consecutive var_mean view_as_complex view_as_real xlogy""",
    "creation, without inputs that values come from; test_creation.py": """
        arange empty empty_like empty_permuted empty_strided eye full full_like linspace new_empty
        new_empty_strided new_full new_ones new_zeros ones ones_like scalar_tensor
        signal.windows.bartlett signal.windows.blackman signal.windows.cosine
        signal.windows.exponential signal.windows.gaussian signal.windows.general_cosine
        signal.windows.general_hamming signal.windows.hamming signal.windows.hann
        signal.windows.kaiser signal.windows.nuttall zero_ zeros zeros_like""",
    "types and memory; test_cast.py": """
        alias_copy as_strided as_strided_copy bfloat16 bool byte cdouble cfloat chalf char
        contiguous diagonal_copy double expand_copy float half int item long narrow_copy
        nonzero_static permute_copy resize_ resize_as_ resolve_conj resolve_neg short sparse.mm
        sparse.sampled_addmm split_with_sizes_copy squeeze_copy t_copy to to_sparse transpose_copy
        unbind_copy unfold_copy unsafe_chunk unsafe_split unsqueeze_copy view_copy""",
    "random; test_random.py": """
        bernoulli cauchy exponential geometric log_normal multinomial nn.functional.alpha_dropout
        nn.functional.dropout nn.functional.dropout2d nn.functional.dropout3d
        nn.functional.feature_alpha_dropout nn.functional.fractional_max_pool2d
        nn.functional.fractional_max_pool3d nn.functional.rrelu normal pca_lowrank rand_like randint
        randint_like randn randn_like svd_lowrank uniform""",
    "is not here": """
        cholesky_inverse cholesky_solve fft.hfft2 fft.hfftn fft.ihfft2 fft.ihfftn frexp geqrf
        grid_sampler_2d grid_sampler_3d histogramdd i0 igamma igammac linalg.householder_product
        linalg.inv_ex linalg.ldl_factor linalg.ldl_factor_ex linalg.ldl_solve linalg.lu_factor
        linalg.lu_factor_ex linalg.lu_solve linalg.solve_ex lu lu_solve lu_unpack mvlgamma
        nn.functional.grid_sample nn.functional.max_unpool1d nn.functional.max_unpool2d
        nn.functional.max_unpool3d ormqr qr special.airy_ai special.bessel_j0 special.bessel_j1
        special.bessel_y0 special.bessel_y1 special.chebyshev_polynomial_t
        special.chebyshev_polynomial_u special.chebyshev_polynomial_v special.chebyshev_polynomial_w
        special.erfcx special.hermite_polynomial_h special.hermite_polynomial_he special.i0e
        special.i1 special.i1e special.laguerre_polynomial_l special.legendre_polynomial_p
        special.modified_bessel_i0 special.modified_bessel_i1 special.modified_bessel_k0
        special.modified_bessel_k1 special.scaled_modified_bessel_k0
        special.scaled_modified_bessel_k1 special.shifted_chebyshev_polynomial_t
        special.shifted_chebyshev_polynomial_u special.shifted_chebyshev_polynomial_v
        special.shifted_chebyshev_polynomial_w special.spherical_bessel_j0 special.zeta
        triangular_solve""",
    "torch's own parts of others": """
        _batch_norm_with_update _chunk_cat _native_batch_norm_legit _segment_reduce
        _softmax_backward_data _unsafe_masked_index _unsafe_masked_index_put_accumulate
        _upsample_bilinear2d_aa jiterator_2inputs_2outputs jiterator_4inputs_with_extra_args
        jiterator_binary jiterator_binary_return_by_ref jiterator_unary
        max_pool2d_with_indices_backward native_batch_norm native_dropout_backward native_group_norm
        native_layer_norm torch._scaled_mm torch._scaled_mm_v2
        torch.ops.aten._efficient_attention_forward torch.ops.aten._flash_attention_forward
        torch.ops.aten._safe_softmax.default""",
}
LEFT_OUT = {reason: names.split() for reason, names in LEFT_OUT.items()}
# Types, by operator, of which no sample is compared.
REAL = "of real numbers alone"
NOT_OF = {
    **{(key, "complex128"): REAL
       for key in ("var", "std", "var|unbiased", "std|unbiased", "rsqrt", "sigmoid", "logaddexp",
                   "logsumexp", "logcumsumexp", "logdet", "nn.functional.linear",
                   "nn.functional.rms_norm", "nn.functional.triplet_margin_loss",
                   "softmax|with_dtype", "log_softmax|with_dtype",
                   "nn.functional.softmin|with_dtype")},
}  # fmt: skip
# Derivatives that differ on purpose, with the reason.
OTHER_DERIVATIVES = {
    "nextafter": "that of a step to the next number is 0 here, 1 in torch",
    "nn.functional.hardsigmoid": "torch's is 1/6 rounded to float32",
    "nn.functional.ctc_loss": "torch's is that of scores whose exponentials sum to 1",
}
