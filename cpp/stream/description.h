#pragma once

#include <string>
#include <string_view>

#include "core/dtype.h"
#include "stream/pipeline.h"

namespace cne::stream {

/// What a checkpoint says of its job: texts that are equal only when every setting that a result
/// depends on is.

/// `name` between quotation marks, with those and line breaks in it escaped.
std::string quoted(std::string_view name);
/// Names and types, in order.
std::string describe(const Schema& schema);
/// As people write it, then a hash of all of it: literals are shown in part.
std::string describe(const frame::Expr& expr);
/// The steps after the source, each on a line.
std::string describe(const Pipeline& pipeline);

}  // namespace cne::stream
