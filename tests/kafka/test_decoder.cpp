#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include "kafka/decoder.h"
#include "kafka/encoder.h"

using namespace cne::kafka;

namespace {

struct Inner {
  int32_t number = 7;
  std::string text;
  bool operator==(const Inner&) const = default;
  template <class Io>
  void fields(Io& io) {
    io(number);
    io(text);
  }
};

struct Everything {
  std::vector<Inner> items;
  std::optional<std::string> name;
  std::optional<Inner> maybe;
  std::optional<std::vector<int16_t>> list;
  Records records;
  int64_t limit = 100;
  Inner nested;
  template <class Io>
  void fields(Io& io) {
    io(items);
    io(name, {}, since(2));
    io(maybe);
    io(list, since(1), since(3));
    io(records);
    io.tagged(1, limit, since(1), int64_t{100});
    io.tagged(4, nested, since(2));
  }
};

struct Empty {
  template <class Io>
  void fields(Io&) {}
};

struct Crowd {
  std::vector<Empty> items;
  template <class Io>
  void fields(Io& io) {
    io(items);
  }
};

struct Text {
  std::string text;
  template <class Io>
  void fields(Io& io) {
    io(text);
  }
};

using Raw = std::vector<uint8_t>;

template <typename T>
T decode(Raw bytes, int16_t version, bool flexible, size_t left = 0) {
  T value;
  Decoder decoder(bytes.data(), bytes.size(), version, flexible);
  decoder.structure(value);
  CHECK(decoder.left() == left);
  return value;
}

template <typename T>
Raw encode(const T& value, int16_t version, bool flexible) {
  Frame frame;
  Encoder(frame, version, flexible).structure(value);
  return {frame.bytes.data(), frame.bytes.data() + frame.bytes.size()};
}

Raw joined(std::initializer_list<Raw> parts) {
  Raw out;
  for (const Raw& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

}  // namespace

TEST_CASE("decoder: plain and compact forms, byte for byte") {
  const Raw plain = {0,    0,    0,    1,   0, 0, 0,    5,    0, 2, 'h', 'i',  // items
                     0,    1,    'n',                                          // name
                     0xff,                                                     // maybe: null
                     0,    0,    0,    2,   0, 1, 0xff, 0xfe,                  // list
                     0xff, 0xff, 0xff, 0xff};                                  // records: null
  const auto value = decode<Everything>(plain, 1, false);
  REQUIRE(value.items.size() == 1);
  CHECK(value.items[0] == Inner{5, "hi"});
  CHECK(value.name == "n");
  CHECK(!value.maybe);
  CHECK(value.list == std::vector<int16_t>{1, -2});
  CHECK(value.records.null);
  CHECK(value.limit == 100);
  CHECK(encode(value, 1, false) == plain);

  const Raw compact = {2, 0,    0,    0, 5, 3, 'h', 'i', 0,        // items, its tags
                       0,                                          // name: null
                       1, 0,    0,    0, 1, 1, 0,                  // maybe
                       1,                                          // list: empty
                       3, 0xaa, 0xbb,                              // records
                       2, 1,    8,    0, 0, 0, 0,   0,   0, 0, 9,  // tag 1: limit
                       4, 7,    0,    0, 0, 8, 2,   't', 0};       // tag 4: nested, its tags
  const auto other = decode<Everything>(compact, 3, true);
  CHECK(!other.name);
  CHECK(other.maybe == Inner{1, ""});
  CHECK(other.list == std::vector<int16_t>{});
  CHECK(other.records.size == 2);
  CHECK(other.limit == 9);
  CHECK(other.nested == Inner{8, "t"});
}

TEST_CASE("decoder: records view the frame") {
  Raw bytes = {1, 0, 0xff, 0, 3, 0xaa, 0xbb, 0};
  Everything value;
  Decoder decoder(bytes.data(), bytes.size(), 3, true);
  decoder.structure(value);
  CHECK(value.records.data == bytes.data() + 5);
  CHECK(!value.records.null);
  CHECK(encode(value, 3, true) == bytes);
}

TEST_CASE("decoder: unknown tagged fields are passed over, known ones may have any neighbours") {
  const Raw start = {1, 0, 0xff, 0, 0};
  const Raw tags = {3, 0, 2, 0xde, 0xad, 1, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0xff, 0x7f, 0};
  const auto value = decode<Everything>(joined({start, tags}), 3, true);
  CHECK(value.limit == 9);
  CHECK(value.nested == Inner{});
  // Version 1 has no field with tag 4.
  const Raw first = {1, 1, 0xff, 1, 0};
  CHECK(decode<Everything>(joined({first, {1, 4, 1, 0xff}}), 1, true).nested == Inner{});
}

TEST_CASE("decoder: tagged fields that are wrong are refused") {
  const Raw start = {1, 0, 0xff, 0, 0};
  for (const Raw& tags : std::initializer_list<Raw>{
           {2, 4, 6, 0, 0, 0, 8, 1, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 9},  // descending
           {2, 7, 0, 7, 0},                                            // twice
           {1, 1, 9, 0, 0, 0, 0, 0, 0, 0, 9, 0},                       // longer than its value
           {1, 1, 7, 0, 0, 0, 0, 0, 0, 9},                             // shorter
           {1, 1, 8, 0, 0, 0, 0},                                      // beyond the frame
           {0xff, 0xff, 0xff, 0xff, 0x0f},                             // four billion of them
           {9, 1},                                                     // more than there are bytes
           {}}) {
    CHECK_THROWS_AS(decode<Everything>(joined({start, tags}), 3, true), WireError);
  }
}

TEST_CASE("encoder: a default is not written, null where it is not allowed is the empty value") {
  Everything value;
  CHECK(encode(value, 3, true) == Raw{1, 0, 0xff, 0, 0, 0});
  CHECK(encode(value, 1, true) == Raw{1, 1, 0xff, 1, 0, 0});
  CHECK(encode(value, 0, false) == Raw{0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff});
  value.limit = 0;
  CHECK(encode(value, 3, true) == Raw{1, 0, 0xff, 0, 0, 1, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("decoder: null where it is not allowed is refused") {
  CHECK_THROWS_AS(decode<Everything>({1, 0, 0xff, 1, 0, 0}, 1, true), WireError);  // name
  CHECK_THROWS_AS(decode<Everything>({1, 1, 0xff, 0, 0, 0}, 1, true), WireError);  // list
  CHECK_THROWS_AS(decode<Everything>({0, 0, 0xff, 0, 0, 0}, 3, true), WireError);  // items
  CHECK_THROWS_AS(decode<Text>({0xff, 0xff}, 0, false), WireError);
}

TEST_CASE("decoder: hostile lengths") {
  const auto refused = [](const Raw& bytes, bool flexible) {
    CHECK_THROWS_AS(decode<Everything>(bytes, 0, flexible), WireError);
    CHECK_THROWS_AS(decode<Text>(bytes, 0, flexible), WireError);
    CHECK_THROWS_AS(decode<Crowd>(bytes, 0, flexible), WireError);
  };
  refused({}, false);
  refused({}, true);
  refused({0x7f, 0xff, 0xff, 0xff, 0, 0}, false);             // more than there is
  refused({0x80, 0, 0, 0, 0, 0}, false);                      // negative
  refused({0xff, 0xff, 0xff, 0xfe, 0}, false);                // -2
  refused({0xff, 0xff, 0xff, 0xff, 0x0f}, true);              // 2^32 - 2
  refused({0xff, 0xff, 0xff, 0xff, 0x10, 0}, true);           // 33 bits
  refused({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, true);  // six bytes
  refused({0xff, 0xff}, true);                                // cut
}

TEST_CASE("decoder: a string has at most 32767 bytes, longer ones are cut when they are written") {
  const std::string most(32767, 'x');
  for (const bool flexible : {false, true}) {
    const auto written = [&](const std::string& text) {
      return decode<Text>(encode(Text{text}, 0, flexible), 0, flexible).text;
    };
    CHECK(written(most) == most);
    CHECK(written(most + "yz") == most);
    // At the end of a character: e acute has two bytes, the rocket four.
    CHECK(written(most.substr(1) + "\xc3\xa9") == most.substr(1));
    CHECK(written(most.substr(2) + "\xc3\xa9") == most.substr(2) + "\xc3\xa9");
    CHECK(written(most.substr(3) + "\xf0\x9f\x9a\x80") == most.substr(3));
    CHECK(written(std::string(40000, '\x80')).size() == 32763);  // no text at all
  }
  Raw longer = {0x81, 0x80, 0x02};
  longer.resize(3 + 32768 + 1);
  CHECK_THROWS_AS(decode<Text>(longer, 0, true), WireError);
}

TEST_CASE("decoder: an array has as many items as the rest of the frame can hold") {
  // An Inner has at least 6 bytes, so 10 of them need 60.
  Raw bytes = {0, 0, 0, 10};
  bytes.resize(4 + 59);
  CHECK_THROWS_AS(decode<Everything>(bytes, 0, false), WireError);
  CHECK(minimum_size<Inner>(0, false) == 6);
  CHECK(minimum_size<Inner>(0, true) == 6);  // 4, 1, and one for its tagged fields
  CHECK(minimum_size<Everything>(0, false) == 4 + 2 + 1 + 4);
  CHECK(minimum_size<Everything>(1, false) == 4 + 2 + 1 + 4 + 4);
  CHECK(minimum_size<Everything>(3, true) == 1 + 1 + 1 + 1 + 1 + 1);
  CHECK(minimum_size<Empty>(0, false) == 1);
  CHECK(minimum_size<std::optional<Inner>>(0, false) == 1);
  CHECK(minimum_size<Uuid>(0, false) == 16);
}

TEST_CASE("decoder: a message has at most 2^20 items in all") {
  Raw bytes = {0, 0x10, 0, 0};
  bytes.resize(4 + (1 << 20));
  CHECK(decode<Crowd>(bytes, 0, false, 1 << 20).items.size() == 1 << 20);
  bytes[3] = 1;
  bytes.push_back(0);
  CHECK_THROWS_AS(decode<Crowd>(bytes, 0, false), WireError);
}

TEST_CASE("encoder: slices of files are spliced in where the records are") {
  Everything value;
  value.records.null = false;
  value.records.slices = {{nullptr, 0, 200}, {nullptr, 0, 100}};
  Frame frame;
  Encoder(frame, 3, true).structure(value);
  CHECK(frame.bytes.view() == std::string_view("\x01\x00\xff\x00\xad\x02\x00", 7));
  REQUIRE(frame.splices.size() == 2);
  CHECK(frame.splices[0].at == 6);
  CHECK(frame.splices[1].at == 6);
  CHECK(frame.size() == 7 + 300);
}
