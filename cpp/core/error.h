#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cne {

/// Base of every exception that cnengine throws. A message starts with the function's name,
/// says what was expected and what came. Each class is a Python class of the same name in
/// `cnengine.errors`, which also derives from the matching built-in.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Wrong use.
class ArgumentError : public Error {
 public:
  using Error::Error;
};  // ValueError
class ShapeError : public ArgumentError {
 public:
  using ArgumentError::ArgumentError;
};  // ValueError
class TypeError : public Error {
 public:
  using Error::Error;
};  // TypeError
class NotFoundError : public Error {
 public:
  using Error::Error;
};  // KeyError
class StateError : public Error {
 public:
  using Error::Error;
};  // RuntimeError
class UnsupportedError : public Error {
 public:
  using Error::Error;
};  // NotImplementedError

// The outside failed.
class DeviceError : public Error {
 public:
  using Error::Error;
};  // RuntimeError
class IoError : public Error {
 public:
  using Error::Error;
};  // OSError
class LockedError : public IoError {
 public:
  using IoError::IoError;
};  // OSError
class CorruptionError : public Error {
 public:
  using Error::Error;
};  // ValueError

/// Throws DeviceError: `function` was called with GPU data in a build without CUDA.
[[noreturn]] void throw_no_cuda(std::string_view function);

/// Returns ` "name"; did you mean "nearest"?`, or ` "name"; there are: a, b, c` for error messages.
/// `names` may be empty.
std::string describe_unknown(std::string_view name, const std::vector<std::string>& names);

/// Concatenates the arguments (strings, numbers) into one message.
namespace detail {
inline void append_part(std::string& out, std::string_view part) { out += part; }
void append_part(std::string& out, double part);
template <typename T>
  requires(std::is_integral_v<T>)
void append_part(std::string& out, T part) {
  if constexpr (std::is_same_v<T, bool>)
    out += part ? "true" : "false";
  else if constexpr (std::is_same_v<T, char>)
    out += part;
  else
    out += std::to_string(part);
}
}  // namespace detail

template <typename... Parts>
std::string message(const Parts&... parts) {
  std::string out;
  (detail::append_part(out, parts), ...);
  return out;
}

}  // namespace cne
