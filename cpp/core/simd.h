#pragma once

/// Compiles a function three times (AVX-512, AVX2, baseline) and picks at load time. Contraction of
/// a*b+c is off in the whole build, so all three give the same bits where the order of additions is
/// fixed. Off under sanitizers (their runtime is not ready when the choice is made).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(CNE_SANITIZED)
#define CNE_MULTIVERSION \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CNE_MULTIVERSION
#endif

/// Compile a function for AVX-512, for AVX-512 with permutations of bytes (VBMI) or with products
/// of bytes (VNNI), whose intrinsics it may use; not defined on other processors. The caller asks
/// the processor first.
#if defined(__x86_64__) && defined(__GNUC__)
#define CNE_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
#define CNE_VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define CNE_VBMI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi")))
#endif
