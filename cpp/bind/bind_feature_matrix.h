#pragma once

#include <optional>

#include "bind/bind_feature_entities.h"

namespace cne::bind {

/// The given time in nanoseconds, or now.
int64_t now_or(std::optional<int64_t> at_ns);

/// The features of a plan as a float64 matrix: a fresh NumPy array, or `out` filled.
nb::object matrix_of(const BoundPlan& bound, nb::handle entities, std::optional<int64_t> at_ns,
                     nb::handle out);

}  // namespace cne::bind
