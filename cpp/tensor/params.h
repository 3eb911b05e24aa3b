#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "tensor/dims.h"

namespace cne::tensor {

/// What an operation is told beside its inputs: a struct of its primitive, whose member function
/// `fields` ties its members. A value that never changes; two can be compared, hashed and printed
/// by their fields.
class Params {
 public:
  Params() = default;
  template <typename T>
    requires(!std::is_same_v<T, Params>)
  explicit Params(T value) : held_(std::make_shared<const Holder<T>>(std::move(value))) {}

  /// The struct, which must be one of T.
  template <typename T>
  const T& as() const {
    return static_cast<const Holder<T>*>(held_.get())->value;
  }
  bool operator==(const Params& other) const;
  size_t hash() const { return held_ == nullptr ? 0 : held_->hash(); }
  /// "(axes=...)" without names: the fields, by commas.
  std::string to_string() const { return held_ == nullptr ? "" : held_->print(); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual const std::type_info& type() const = 0;
    virtual bool equals(const Base& other) const = 0;
    virtual size_t hash() const = 0;
    virtual std::string print() const = 0;
  };
  template <typename T>
  struct Holder;

  std::shared_ptr<const Base> held_;
};

/// What fields may be: numbers, enums, strings, Dims, vectors of these, and pointers to what never
/// changes (a graph, a function), which are equal when they are the same.
namespace field {

inline void mix(size_t& hash, size_t value) {
  hash ^= value + 0x9e3779b97f4a7c15 + (hash << 6) + (hash >> 2);
}

template <typename T>
size_t hash(const T& value) {
  if constexpr (std::is_same_v<T, Dims> || requires { typename T::allocator_type; }) {
    size_t out = static_cast<size_t>(value.size());
    for (const auto& each : value) mix(out, hash(each));
    return out;
  } else {
    return std::hash<T>{}(value);
  }
}

template <typename T>
std::string print(const T& value) {
  if constexpr (std::is_same_v<T, Dims>) {
    return to_string(value);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (requires { typename T::allocator_type; }) {
    std::string out = "[";
    for (const auto& each : value) out += (out.size() > 1 ? ", " : "") + print(each);
    return out + "]";
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<int>(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else {
    return "...";
  }
}

}  // namespace field

template <typename T>
struct Params::Holder : Base {
  explicit Holder(T held) : value(std::move(held)) {}
  const std::type_info& type() const override { return typeid(T); }
  bool equals(const Base& other) const override {
    return value.fields() == static_cast<const Holder&>(other).value.fields();
  }
  size_t hash() const override {
    size_t out = typeid(T).hash_code();
    std::apply([&out](const auto&... each) { (field::mix(out, field::hash(each)), ...); },
               value.fields());
    return out;
  }
  std::string print() const override {
    std::string out;
    std::apply(
        [&out](const auto&... each) {
          ((out += (out.empty() ? "" : ", ") + field::print(each)), ...);
        },
        value.fields());
    return out;
  }
  T value;
};

inline bool Params::operator==(const Params& other) const {
  if (held_ == other.held_) return true;
  if (held_ == nullptr || other.held_ == nullptr) return false;
  return held_->type() == other.held_->type() && held_->equals(*other.held_);
}

}  // namespace cne::tensor
