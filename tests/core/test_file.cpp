#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "scratch.h"

using namespace cne;

namespace {

std::string error_of(const auto& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("file: append, write_at, read_at, truncate, reopen") {
  const Scratch scratch;
  {
    File file = File::open(scratch.at("a"), File::Mode::kReadWrite);
    file.append("hello ", 6);
    file.append("world", 5);
    file.write_at(0, "J", 1);
    file.sync();
    CHECK(file.size() == 11);
    char text[32];
    CHECK(file.read_at(6, text, sizeof text) == 5);
    CHECK(std::string(text, 5) == "world");
    CHECK(file.read_at(11, text, 1) == 0);
    file.truncate(5);
  }
  CHECK(read_file(scratch.at("a")) == "Jello");
  File again = File::open(scratch.at("a"), File::Mode::kReadWrite);
  again.append("!", 1);
  const Buffer mapped = map_file(scratch.at("a"));
  CHECK(std::string(mapped.as<char>(), mapped.size()) == "Jello!");
}

TEST_CASE("file: errors name the operation, the path and the reason") {
  const Scratch scratch;
  const std::string text = error_of([&] { read_file(scratch.at("absent")); });
  CHECK(text == "open: \"" + scratch.at("absent") + "\": No such file or directory");
  CHECK(error_of([&] { list_directory(scratch.at("absent")); }).starts_with("list_directory: "));
  CHECK(error_of([&] { rename_file(scratch.at("x"), scratch.at("y")); }).starts_with("rename: "));
  CHECK_NOTHROW(remove_file(scratch.at("absent")));
  CHECK_NOTHROW(remove_tree(scratch.at("absent")));
}

TEST_CASE("file: directories") {
  const Scratch scratch;
  create_directories(scratch.at("a/b/c"));
  create_directories(scratch.at("a/b"));
  write_file_atomic(scratch.at("a/f"), "x");
  CHECK(list_directory(scratch.at("a")) == std::vector<std::string>{"b", "f"});
  CHECK(error_of([&] { create_directories(scratch.at("a/f")); }).find("Not a directory") !=
        std::string::npos);
  remove_tree(scratch.at("a"));
  CHECK_FALSE(file_exists(scratch.at("a")));
}

TEST_CASE("file: a failed append is overwritten by the next one") {
  const Scratch scratch;
  File file = File::open(scratch.at("a"), File::Mode::kReadWrite);
  file.append("one", 3);
  set_fault_plan(FaultPlan{FaultPlan::Action::kTear, 1});
  CHECK_THROWS_AS(file.append("XXXXXXXX", 8), IoError);
  CHECK_THROWS_AS(file.append("again", 5), IoError);  // all later ones fail as well
  CHECK(set_fault_plan(std::nullopt) == 2);
  CHECK(file.size() == 3);
  CHECK(file.size_on_disk() == 7);
  file.append("two", 3);
  CHECK(read_file(scratch.at("a")) == "onetwoX");
}

TEST_CASE("file: an atomic write is whole or absent at every fault") {
  const Scratch scratch;
  const std::string path = scratch.at("a");
  write_file_atomic(path, "old content");
  for (const auto action : {FaultPlan::Action::kFail, FaultPlan::Action::kTear}) {
    int64_t at = 1;
    for (;; ++at) {
      set_fault_plan(FaultPlan{action, at});
      const bool failed = !error_of([&] { write_file_atomic(path, "new content"); }).empty();
      set_fault_plan(std::nullopt);
      const std::string got = read_file(path);
      if (!failed) break;
      CHECK((got == "old content" || got == "new content"));
      write_file_atomic(path, "old content");
    }
    CHECK(at > 4);  // create, append, sync, rename, sync of the directory
    CHECK(read_file(path) == "new content");
  }
}

TEST_CASE("file: one lock a directory, also within the process") {
  const Scratch scratch;
  {
    DirectoryLock lock(scratch.path, "open");
    const std::string text = error_of([&] { DirectoryLock(scratch.path, "open"); });
    CHECK(text == "open: \"" + scratch.path + "\" is already open for writing in this process");
    DirectoryLock moved = std::move(lock);
    CHECK_THROWS_AS(DirectoryLock(scratch.path, "open"), LockedError);
  }
  CHECK_NOTHROW(DirectoryLock(scratch.path, "open"));
  CHECK_THROWS_AS(DirectoryLock(scratch.at("absent"), "open"), IoError);
}
