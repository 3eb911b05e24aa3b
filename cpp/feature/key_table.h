#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feature/entity_key.h"

namespace cne::feature {

/// Numbers the distinct keys of batches 0, 1, 2, ... in order of first sight. Owns what it keeps.
/// Not thread safe while it grows; `find` may be called by many threads afterwards.
class KeyTable {
 public:
  KeyTable(uint32_t words, bool text) : words_(words), text_(text), slots_(16) {}

  int64_t size() const { return static_cast<int64_t>(hashes_.size()); }
  /// The numbers of all keys of a batch, new ones added; -1 where the key is not known.
  void insert(const KeyBatch& keys, int64_t* ids);
  /// The numbers of keys [begin, end) of a batch, -1 for those that are not here.
  void find(const KeyBatch& keys, int64_t begin, int64_t end, int64_t* ids) const;

 private:
  bool equal(int64_t id, const EntityKey& key) const;
  /// The slot that holds the key or where it would go.
  uint64_t probe(const EntityKey& key) const;
  void add(const EntityKey& key);
  void grow();

  uint32_t words_;
  bool text_;
  std::vector<uint32_t> slots_;  // id + 1, 0: empty
  std::vector<uint64_t> hashes_;
  std::vector<uint64_t> keys_;   // words of id; a long key has its start in `bytes_` as word 0
  std::vector<uint32_t> sizes_;  // of text keys
  std::string bytes_;
};

}  // namespace cne::feature
