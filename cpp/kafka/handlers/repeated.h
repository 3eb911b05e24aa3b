#pragma once

#include <functional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

namespace cne::kafka {

/// Keeps the first item of each key. What is described once is enough: a small request that names
/// one thing a million times must not make a response of gigabytes.
template <typename Item, typename KeyOf = std::identity>
void drop_repeated(std::vector<Item>& items, KeyOf key_of = {}) {
  std::set<std::decay_t<std::invoke_result_t<KeyOf, const Item&>>> seen;
  std::erase_if(items,
                [&](const Item& item) { return !seen.insert(std::invoke(key_of, item)).second; });
}

}  // namespace cne::kafka
