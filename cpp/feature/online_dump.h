#pragma once

#include <cstdint>
#include <functional>

#include "feature/materialize.h"
#include "feature/online_store.h"

namespace cne::feature {

/// Hands out all rows of an online store as blocks of at most `block_rows`, in the order of the
/// table. Writer only.
void dump_online(const ViewSpec& spec, const OnlineStore& store, int64_t block_rows,
                 const std::function<void(const RowBlock&)>& each);

}  // namespace cne::feature
