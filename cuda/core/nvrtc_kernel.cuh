#pragma once

// What kernels of blocks (core/kernel.h) see of the host's headers where NVRTC compiles them: names
// that their templates mention and never use there.

#define CNE_UNROLL _Pragma("unroll")

namespace std {
template <typename T>
class optional;
class string_view;
}  // namespace std

namespace cne {

struct Grid {
  int64_t x = 1;
  int64_t y = 1;
};
class HostBlock;
template <typename T, int kThreads>
class HostPrivate;

}  // namespace cne
