#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "feature/record_file.h"

using namespace cne;
using namespace cne::feature;

namespace {

struct TemporaryFile {
  TemporaryFile() {
    static int count = 0;
    path =
        (std::filesystem::temp_directory_path() / message("cne_records_", getpid(), "_", ++count))
            .string();
  }
  ~TemporaryFile() { remove_file(path); }
  std::string path;
};

std::vector<std::string> read_all(const std::string& path, ScanResult* result = nullptr) {
  std::vector<std::string> out;
  const ScanResult scan =
      scan_records(path, [&](const Record& record) { out.emplace_back(record.text()); });
  if (result != nullptr) *result = scan;
  return out;
}

}  // namespace

TEST_CASE("a torn record whose payload holds records of another file is a torn tail") {
  const TemporaryFile inner, outer;
  {
    RecordWriter writer = RecordWriter::create(inner.path);
    for (int i = 0; i < 5; ++i) writer.append(RecordType::kWrite, "inner or ");
    writer.finish();
  }
  uint64_t first = 0;
  {
    RecordWriter writer = RecordWriter::create(outer.path);
    writer.append(RecordType::kWrite, "a record");
    first = writer.size();
    writer.append(RecordType::kWrite, read_file(inner.path) + "a tail that is torn");
  }
  std::filesystem::resize_file(outer.path, std::filesystem::file_size(outer.path) - 1);
  ScanResult scan;
  CHECK(read_all(outer.path, &scan) == std::vector<std::string>{"a record"});
  CHECK(scan.good_bytes == first);
  CHECK_FALSE(scan.marked);
}

TEST_CASE("marks follow what was synced, once, and are not told as records") {
  const TemporaryFile file;
  RecordWriter writer = RecordWriter::create(file.path);
  writer.sync();
  CHECK(writer.size() == 16);  // nothing to guard
  writer.append(RecordType::kWrite, "record 1");
  CHECK(writer.dirty());
  const uint64_t size = writer.size();
  writer.append(RecordType::kWrite, "record 2");
  writer.mark_durable(size);  // another record is behind it
  CHECK(writer.dirty());
  CHECK(writer.size() == size + 32);
  writer.sync();
  CHECK(writer.size() == size + 32 + 24);
  CHECK_FALSE(writer.dirty());
  writer.sync();
  CHECK(writer.size() == size + 32 + 24);
  ScanResult scan;
  CHECK(read_all(file.path, &scan) == std::vector<std::string>{"record 1", "record 2"});
  CHECK(scan.marked);
  CHECK(scan.good_bytes == writer.size());
}
