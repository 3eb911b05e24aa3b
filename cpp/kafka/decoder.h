#pragma once

#include <bit>
#include <cassert>
#include <utility>

#include "kafka/minimum_size.h"
#include "kafka/wire.h"

namespace cne::kafka {

/// Reads one message from bytes of outside. A message is a struct with
///
///     template <class Io> void fields(Io& io) {
///       io(index);                       // every version
///       io(topic_id, since(13));         // only these; else it keeps what it was initialised with
///       io(name, until(12), since(9));   // these, and null is allowed only in those
///       io.tagged(0, rack, since(16));   // a tagged field of flexible versions, after all others
///     }
///
/// which Decoder and Encoder run alike. Strings and arrays have the compact form in flexible
/// versions, and each structure ends with its tagged fields; unknown ones are passed over. What is
/// read by type: integers, bool, double, ErrorCode, Uuid, std::string, Bytes, Records, structures
/// (nested ones too), std::vector of all these; std::optional of a string, Bytes, vector or
/// structure is nullable, in all versions unless it is said in which.
///
/// Every length is compared with what is left before anything is allocated: an array has at most as
/// many items as fit into the rest of the frame. Throws WireError.
class Decoder {
 public:
  /// The bytes stay with the caller; Records view them.
  Decoder(uint8_t* from, size_t size, int16_t version, bool flexible)
      : at_(from), end_(from + size), version_(version), flexible_(flexible) {}

  int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  const uint8_t* position() const { return at_; }

  template <typename T>
  void operator()(T& value, Versions versions = {}) {
    assert(!tags_read_);  // tagged fields are last
    if (versions.has(version_)) read(value);
  }

  template <typename T>
  void operator()(std::optional<T>& value, Versions versions, Versions nullable) {
    assert(!tags_read_);
    if (!versions.has(version_)) return;
    if (nullable.has(version_))
      read(value);
    else
      read(value.emplace(T{}));
  }

  template <typename T>
  void tagged(uint32_t tag, T& value, Versions versions = {}, const T& = T{}) {
    if (!flexible_ || !versions.has(version_)) return;
    if (!tags_read_) read_tags();
    for (const Tag& found : tags_) {
      if (found.tag != tag) continue;
      Decoder inner(found.from, found.size, version_, flexible_);
      inner.items_left_ = items_left_;
      inner.read(value);
      if (inner.left() != 0) fail("a tagged field is longer than its value");
      items_left_ = inner.items_left_;
    }
  }

  /// A whole message, with the tagged fields at its end.
  template <Structure T>
  void structure(T& value) {
    const bool outer_read = std::exchange(tags_read_, false);
    std::vector<Tag> outer;
    outer.swap(tags_);
    value.fields(*this);
    if (flexible_ && !tags_read_) read_tags();
    tags_.swap(outer);
    tags_read_ = outer_read;
  }

  /// The string of a request header, which is never compact.
  std::optional<std::string> plain_string();
  /// The tagged fields of a header, none of which is known.
  void pass_tags() { read_tags(); }
  [[noreturn]] void fail(const char* what) const;

 private:
  struct Tag {
    uint32_t tag;
    uint8_t* from;
    size_t size;
  };
  // Of all arrays of a message: a frame must not become far larger structures in memory.
  static constexpr size_t kMaxItems = size_t{1} << 20;

  template <typename T>
  void read(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = number<int8_t>() != 0;
    } else if constexpr (std::is_same_v<T, ErrorCode>) {
      value = static_cast<ErrorCode>(number<int16_t>());
    } else if constexpr (std::is_same_v<T, double>) {
      value = std::bit_cast<double>(number<int64_t>());
    } else if constexpr (std::is_integral_v<T>) {
      value = number<T>();
    } else if constexpr (std::is_same_v<T, Uuid>) {
      std::memcpy(value.bytes.data(), take(16), 16);
    } else if constexpr (std::is_same_v<T, std::string>) {
      const int64_t size = string_size();
      if (size < 0) fail("null where a string must be");
      read_string(value, size);
    } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
      const int64_t size = string_size();
      value.reset();
      if (size >= 0) read_string(value.emplace(), size);
    } else if constexpr (std::is_same_v<T, Bytes>) {
      const int64_t size = array_size();
      if (size < 0) fail("null where bytes must be");
      read_string(value.data, size);
    } else if constexpr (std::is_same_v<T, std::optional<Bytes>>) {
      const int64_t size = array_size();
      value.reset();
      if (size >= 0) read_string(value.emplace().data, size);
    } else if constexpr (std::is_same_v<T, Records>) {
      const int64_t size = array_size();
      value = Records{};
      if (size < 0) return;
      value.null = false;
      value.data = take(static_cast<uint64_t>(size));
      value.size = static_cast<size_t>(size);
    } else if constexpr (IsVector<T>::value) {
      const int64_t count = array_size();
      if (count < 0) fail("null where an array must be");
      read_items(value, count);
    } else if constexpr (IsOptional<T>::value) {
      value.reset();
      if constexpr (IsVector<typename T::value_type>::value) {
        const int64_t count = array_size();
        if (count >= 0) read_items(value.emplace(), count);
      } else {
        // A nullable structure: -1, or 1 and its fields. Moved in, as clang takes a structure
        // within a class that is not complete for one without a default constructor.
        using Inner = typename T::value_type;
        if (number<int8_t>() >= 0) structure(value.emplace(Inner{}));
      }
    } else {
      structure(value);
    }
  }

  template <typename T>
  T number() {
    const uint8_t* from = take(sizeof(T));
    std::make_unsigned_t<T> bits = 0;
    for (size_t i = 0; i < sizeof(T); ++i)
      bits = static_cast<decltype(bits)>(static_cast<uint64_t>(bits) << 8 | from[i]);
    return static_cast<T>(bits);
  }

  template <typename T>
  void read_items(std::vector<T>& items, int64_t size) {
    const auto count = static_cast<uint64_t>(size);
    if (count > left() / minimum_size<T>(version_, flexible_))
      fail("an array has more items than the bytes that are left can hold");
    if (count > items_left_) fail("more items than one message may have");
    items_left_ -= static_cast<size_t>(count);
    items.clear();
    items.resize(static_cast<size_t>(count));
    for (T& item : items) read(item);
  }

  uint8_t* take(uint64_t size) {
    if (size > left()) fail("it ends within a field");
    return std::exchange(at_, at_ + size);
  }
  uint32_t unsigned_varint();
  int64_t string_size();  // -1: null
  int64_t array_size();   // -1: null
  void read_string(std::string& value, int64_t size);
  void read_tags();

  uint8_t* at_;
  uint8_t* end_;
  int16_t version_;
  bool flexible_;
  bool tags_read_ = false;  // of the structure that is being read
  std::vector<Tag> tags_;
  size_t items_left_ = kMaxItems;
};

}  // namespace cne::kafka
