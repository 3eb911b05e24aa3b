#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "tensor/params.h"
#include "tensor/value.h"

namespace cne::tensor {

/// A NaN where none may be.
class NumericError : public Error {
 public:
  using Error::Error;
};  // FloatingPointError

/// One application of an operation, as rules see it.
struct Call {
  const Params& params;
  ValueSpan inputs;
  ValueSpan outputs;  // those of `forward` with what it adds
};

/// Inputs of which some have one more axis in front, that of a batch.
struct Batch {
  const Params& params;
  ValueSpan inputs;
  std::span<const uint8_t> batched;  // by input
  int64_t size;
};

/// Which values of an operation its `vjp` reads.
enum Keeps : uint8_t { kKeepNothing = 0, kKeepInputs = 1, kKeepOutputs = 2, kKeepBoth = 3 };

/// An operation: all that transformations know of it. Rules compute with Values, so they can be
/// transformed themselves. A record per primitive lies in the file of its family.
struct Primitive {
  const char* name;
  /// The types of the results. Throws TypeError, ShapeError, ArgumentError for inputs that do not
  /// fit.
  std::vector<Type> (*infer)(const Params& params, std::span<const Type> inputs);
  /// Computes.
  std::vector<Array> (*run)(const Params& params, std::span<const Array> inputs);
  /// Directional derivatives by output, from those by input; absent ones are zero.
  Values (*jvp)(const Call& call, ValueSpan tangents);
  /// Derivatives by input, from those by output; absent ones are zero. `wanted` says which inputs
  /// need one. Of complex numbers it is the conjugate cotangent: that of torch, so a step against
  /// it descends.
  Values (*vjp)(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted);
  /// The results, all with the axis of the batch in front.
  Values (*batch)(const Batch& batch);
  /// Null: both.
  Keeps (*keeps)(const Params& params) = nullptr;
  /// The results with what else `vjp` needs behind them. Null: the results alone.
  Values (*forward)(const Params& params, ValueSpan inputs) = nullptr;
  /// Which operation of a family it is, for messages. Null: `name`.
  const char* (*label)(const Params& params) = nullptr;
};

inline const char* label_of(const Primitive& primitive, const Params& params) {
  return primitive.label == nullptr ? primitive.name : primitive.label(params);
}

/// Computes, or has the innermost transformation that one of the inputs belongs to do it.
Values apply(const Primitive& primitive, const Params& params, ValueSpan inputs);

/// One with one result.
Value apply_one(const Primitive& primitive, const Params& params, ValueSpan inputs);

/// Has `apply` throw NumericError for results with NaN. Of the whole process.
void set_debug_nans(bool on);
bool debug_nans();

/// The line of the user's program that is run now, "file.py:12", as `locate` finds it; inside an
/// interpreted graph that of the node (WhereScope). "" where nobody knows.
std::string where_called();
void set_where_called(std::string (*locate)());

/// Has `where_called` give a line, which must outlive it, on this thread.
class WhereScope {
 public:
  explicit WhereScope(const std::string& where);
  ~WhereScope();
  WhereScope(const WhereScope&) = delete;
  WhereScope& operator=(const WhereScope&) = delete;

 private:
  const std::string* before_;
};

/// The message of a NumericError with ", called at " and a line behind, unless it has one or the
/// line is "".
std::string with_place(std::string_view text, const std::string& where);

/// All primitives by name.
std::span<const Primitive* const> primitives();

// For records: the type of one result, the array of one kernel.
inline std::vector<Type> one(Type type) { return {std::move(type)}; }
inline std::vector<Array> one(Array array) { return {std::move(array)}; }
inline Values one(Value value) {
  Values out;
  out.push_back(std::move(value));
  return out;
}

}  // namespace cne::tensor
