#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/column.h"

namespace cne::frame {

/// Gives each distinct key (a row of one or more key columns) a dense number 0, 1, 2, ... in the
/// order of first appearance. Group-by, as-of join and keyed state in streams stand on it.
///
/// Nulls are equal to each other: they make a group of their own. Floats: -0 is 0, all NaN are one
/// key. Text columns of both offset widths, and times, are keys by their bytes; lists and structs
/// are not keys (TypeError).
///
/// One key column of numbers, bools or times, and one of text, have their own fast paths; several
/// columns are packed into one string of bytes. Not thread-safe, but `find` and `keys` may run
/// beside each other. Inserting `keys()` into an empty table gives the same numbers: that is its
/// snapshot.
class KeyTable {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  KeyTable() = default;
  /// Throws TypeError naming `function` when a type cannot be a key.
  KeyTable(std::vector<DataType> types, const char* function);

  /// How many distinct keys there are.
  int64_t size() const { return count_; }
  const std::vector<DataType>& types() const { return types_; }

  /// The numbers of rows [begin, end) into `out[0 .. end - begin)`; new keys get new numbers. The
  /// columns must have the types of the table. Throws ShapeError beyond 2^32 - 1 keys.
  void ids(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out);
  /// The same without inserting: kAbsent for a key that is not there.
  void find(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out) const;

  /// Keys [begin, end) in the order of their numbers, as columns of the types.
  std::vector<Column> keys(int64_t begin, int64_t end) const;
  std::vector<Column> keys() const { return keys(0, count_); }

  void clear();
  /// Bytes of memory held.
  size_t bytes() const;

 private:
  /// Integers live in the slot; of text and packed keys the slot holds the hash.
  struct Slot {
    uint64_t word;
    uint32_t id;
  };
  enum class Kind : uint8_t { kFixed, kText, kPacked };

  template <bool kInsert>
  void lookup(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out);
  template <bool kInsert, typename Reader>
  void lookup_fixed(const Column& key, const Reader& read, int64_t begin, int64_t end,
                    uint32_t* out);
  template <bool kInsert>
  void lookup_text(const Column& key, int64_t begin, int64_t end, uint32_t* out);
  template <bool kInsert>
  void lookup_packed(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out);
  template <bool kInsert>
  uint32_t probe_word(uint64_t word, uint64_t hash);
  template <bool kInsert>
  uint32_t probe_bytes(std::string_view bytes, uint64_t hash);
  template <bool kInsert>
  uint32_t null_id();
  uint32_t next_id();
  void reserve(int64_t more);
  std::string_view stored(uint32_t id) const;
  Column text_keys(int64_t begin, int64_t end) const;
  Column fixed_keys(int64_t begin, int64_t end) const;
  Column unpack(size_t key, int64_t begin, int64_t end, std::vector<size_t>& at) const;

  std::vector<DataType> types_;
  Kind kind_ = Kind::kFixed;
  std::vector<Slot> slots_;
  uint64_t mask_ = 0;
  int64_t count_ = 0;
  uint32_t null_ = kAbsent;
  std::vector<uint64_t> words_;  // kFixed: by number
  std::vector<char> arena_;      // kText, kPacked: the bytes of all keys
  std::vector<size_t> ends_;     // where each key's bytes end
};

/// Hashes rows [begin, end) of key columns into `out`; equal keys (as KeyTable has it) get equal
/// hashes. Throws TypeError naming `function`.
void hash_rows(const std::vector<Column>& keys, int64_t begin, int64_t end, uint64_t* out,
               const char* function);

}  // namespace cne::frame
