#pragma once

#include <functional>

#include "core/table.h"

namespace cne::bind {

/// What `store.sink(view, ...)` gives to Python: writes tables to a view without Python. Streams
/// take its function out.
struct FeatureSink {
  std::function<void(const Table&)> write;
  std::function<void()> sync;  // makes what was written durable
};

}  // namespace cne::bind
