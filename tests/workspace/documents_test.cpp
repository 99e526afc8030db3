// SPDX-License-Identifier: Apache-2.0
// Documents and metadata.json change together; links are not followed; what is gone is noticed.
#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

class RunDocuments : public WorkspaceTest {
 protected:
  void SetUp() override {
    WorkspaceTest::SetUp();
    write_run("r", Layout::packed, 5);
    need(write_documents(root, "r", {{"analytics/a.json", "old a"}, {"analytics/b.json", "old b"}}));
  }
  std::vector<std::string> faults() const {
    std::vector<std::string> out;
    for (const Fault& fault : need(verify(root, "r")).faults) out.push_back(fault.path + ": " + fault.fault);
    return out;
  }
  std::string read(const std::string& path) const { return need(read_document(root, "r", path)); }
  Path at(const std::string& path) const { return root / "r" / path; }
};

TEST_F(RunDocuments, are_read_back_and_rot_is_seen_when_they_are) {
  EXPECT_EQ(read("analytics/a.json"), "old a");
  EXPECT_EQ(read_document(root, "r", "analytics/none.json").error().code(), Errc::not_found);
  put(at("analytics/a.json"), "olD a");
  EXPECT_EQ(read_document(root, "r", "analytics/a.json").error().code(), Errc::corrupt);
  put(at("analytics/foreign.json"), "{}");
  EXPECT_EQ(read_document(root, "r", "analytics/foreign.json").error().code(), Errc::corrupt) << "nothing vouches for it";
}

TEST_F(RunDocuments, of_a_commit_that_was_cut_off_are_all_new_or_all_old) {
  const std::string before = bytes(at("metadata.json"));
  need(write_documents(root, "r", {{"analytics/a.json", "new a"}, {"analytics/b.json", "new b"}}));
  const std::string after = bytes(at("metadata.json"));
  // Cut off before the commit: everything is staged, nothing is said.
  put(at("metadata.json"), before);
  for (const char* name : {"a", "b"}) {
    put(at(std::string("analytics/") + name + ".json"), std::string("old ") + name);
    put(at(std::string("analytics/") + name + ".json.tmp"), std::string("new ") + name);
  }
  EXPECT_EQ(faults(), std::vector<std::string>());
  EXPECT_EQ(read("analytics/a.json"), "old a");
  // Cut off after it, one of two names given.
  put(at("metadata.json"), after);
  std::filesystem::rename(at("analytics/a.json.tmp"), at("analytics/a.json"));
  EXPECT_EQ(faults(), std::vector<std::string>());
  EXPECT_EQ(read("analytics/a.json"), "new a");
  EXPECT_EQ(read("analytics/b.json"), "new b");
  // The next change finishes it, whichever it is, even of the same document.
  need(write_document(root, "r", "analytics/a.json", "newer a"));
  EXPECT_EQ(bytes(at("analytics/b.json")), "new b");
  EXPECT_EQ(read("analytics/a.json"), "newer a");
  EXPECT_FALSE(std::filesystem::exists(at("analytics/b.json.tmp")));
  EXPECT_EQ(faults(), std::vector<std::string>());
}

TEST_F(RunDocuments, summaries_that_were_cut_off_survive_a_resuming_writer) {
  const std::string summary = bytes(at("summary/performance_summary.json"));
  std::filesystem::rename(at("summary/performance_summary.json"), at("summary/performance_summary.json.tmp"));
  EXPECT_EQ(faults(), std::vector<std::string>());
  auto writer = need(RunWriter::resume(root, "r", {"w0", Layout::packed, kMetrics}));
  EXPECT_EQ(bytes(at("summary/performance_summary.json")), summary);
}

TEST_F(RunDocuments, links_are_not_followed) {
  const Path elsewhere = root / "elsewhere";
  put(elsewhere / "precious", "mine");
  std::filesystem::create_symlink(elsewhere / "precious", at("analytics/a.json.tmp"));
  EXPECT_FALSE(write_document(root, "r", "analytics/a.json", "new"));
  EXPECT_EQ(bytes(elsewhere / "precious"), "mine");
  EXPECT_EQ(faults(), std::vector<std::string>{"analytics/a.json.tmp: is a symbolic link"});
  std::filesystem::remove(at("analytics/a.json.tmp"));

  need(unpack(root, "r", {}, std::nullopt));
  std::filesystem::rename(at("signals"), elsewhere / "signals");
  std::filesystem::create_directory_symlink(elsewhere / "signals", at("signals"));
  const auto refused = pack(root, "r");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where(), at("signals").string());
  EXPECT_FALSE(unpack(root, "r", {}, std::nullopt));
  EXPECT_FALSE(reindex(root, "r"));
  EXPECT_FALSE(RunWriter::resume(root, "r", {"w0", Layout::packed, kMetrics}));
  EXPECT_FALSE(set_columns(root, "r", std::vector<CatalogColumn>{{"dsr", {}}}));
  EXPECT_TRUE(std::filesystem::exists(elsewhere / "signals" / metadata(0).strategy_id / "signals.parquet"));
}

TEST_F(RunDocuments, verify_misses_nothing_that_is_gone) {
  const auto without = [&](const Path& path) {
    std::filesystem::rename(path, root / "aside");
    const auto found = faults();
    std::filesystem::rename(root / "aside", path);
    return found;
  };
  EXPECT_EQ(without(at("metadata.json")), std::vector<std::string>{"metadata.json: is missing"});
  EXPECT_EQ(without(at("catalog/w0.0.writer")), std::vector<std::string>{"catalog/w0.*.writer: is missing"});
  for (const auto& file : files("r")) {
    if (file.extension() != ".arrow") continue;
    const auto found = without(file);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0], "catalog/" + file.filename().string() + ": is missing");
  }
  // A change of the catalog that was cut off before metadata.json came to know of it is none.
  const std::string old = bytes(at("metadata.json"));
  need(set_columns(root, "r", std::vector<CatalogColumn>{{"dsr", {{metadata(1).strategy_id, 0.5}}}}));
  put(at("metadata.json"), old);
  for (const std::string& fault : faults()) EXPECT_EQ(fault.find("is missing"), std::string::npos) << fault;
}

TEST_F(RunDocuments, what_was_found_out_is_never_replaced_by_nothing) {
  need(set_columns(root, "r", std::vector<CatalogColumn>{{"dsr", {{metadata(1).strategy_id, 0.5}, {metadata(2).strategy_id, 0.25}}}}));
  const auto dsr = [&] { return need(scan(root, {}, {.where = "dsr >= 0.25"})).rows; };
  ASSERT_EQ(dsr(), 2U);
  EXPECT_EQ(need(reindex(root, "r")), 5);
  EXPECT_EQ(dsr(), 2U) << "reindex";
  need(unpack(root, "r", {}, std::nullopt));
  EXPECT_EQ(need(reindex(root, "r")), 5);
  EXPECT_EQ(dsr(), 2U) << "reindex of single files";
  need(set_columns(root, "r", std::vector<CatalogColumn>{{"dsr", {{metadata(1).strategy_id, std::nan("")}}}}));
  EXPECT_EQ(dsr(), 2U) << "a column of nulls";
  need(set_columns(root, "r", std::vector<CatalogColumn>{{"dsr", {{metadata(1).strategy_id, 0.75}}}}));
  EXPECT_EQ(dsr(), 1U) << "a new result replaces the old one";
  EXPECT_EQ(faults(), std::vector<std::string>());
}

TEST_F(RunDocuments, folders_that_are_no_runs_are_not_proposed) {
  std::filesystem::create_directories(root / "_live/x");
  std::filesystem::create_directories(root / "live");
  const auto hint = Run::open(root, "live2").error().hint();
  EXPECT_EQ(hint.find("live"), std::string::npos) << hint;
}

}  // namespace
}  // namespace tradewind::workspace
