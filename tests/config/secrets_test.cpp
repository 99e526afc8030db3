// SPDX-License-Identifier: Apache-2.0
#include "tradewind/config/secrets.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace tradewind::config {
namespace {

/// What is complained about when `check` looks at a configuration.
std::string faults(const std::function<void(MapReader&)>& check) {
  Complaints complaints("f.yaml");
  const Value value = *parse_config("url: x\n", "f.yaml");
  MapReader reader(value, "", complaints);
  check(reader);
  const Status status = complaints.status();
  return status ? "" : status.error().message() + " / " + status.error().hint();
}

TEST(Secrets, come_from_the_environment) {
  const auto environment = [](const std::string& name) { return name == "KEY" ? std::optional<std::string>("s3cret") : std::nullopt; };
  EXPECT_EQ(faults([&](MapReader& reader) {
              EXPECT_EQ(expand(reader, "url", "https://h/?k=${KEY}&x=1", environment), "https://h/?k=s3cret&x=1");
            }),
            "");
  EXPECT_NE(faults([&](MapReader& reader) { expand(reader, "url", "https://h/${NO_KEY}", environment); }).find("'NO_KEY'"),
            std::string::npos);
  EXPECT_NE(faults([&](MapReader& reader) { expand(reader, "url", "https://h/${KEY", environment); }), "");
}

TEST(Secrets, are_not_written_out) {
  const auto said = [](const std::string& url) { return faults([&](MapReader& reader) { refuse_literal_secrets(reader, "url", url); }); };
  for (const char* fine : {"https://h/feed", "https://h/feed?page=2#x", "https://u@h/", "https://u:${P}@h/?api_key=${KEY}", "nats://h:4222",
                           "https://h/?key=", "${URL}", "no url"})
    EXPECT_EQ(said(fine), "") << fine;
  for (const char* bad :
       {"https://u:hunter2@h/", "nats://u:hunter2@h:4222", "https://h/feed?api_key=hunter2", "https://h/?a=1&Access_Token=hunter2"}) {
    EXPECT_NE(said(bad).find("${NAME}"), std::string::npos) << bad;
    EXPECT_EQ(said(bad).find("hunter2"), std::string::npos) << bad;
  }
}

TEST(Secrets, stay_out_of_what_is_shown_and_stored) {
  const std::string url = "https://user:pass@h.example:81/feed/rss?key=k#f";
  EXPECT_EQ(display_url(url), "https://h.example:81");
  EXPECT_EQ(public_url(url), "https://h.example:81/feed/rss");
  EXPECT_EQ(public_url("https://h"), "https://h");
  EXPECT_EQ(public_url("${URL}"), "");
}

TEST(Secrets, are_in_files_of_their_owner_only) {
  const std::string file = (std::filesystem::temp_directory_path() / "tradewind_secrets_test.creds").string();
  std::ofstream(file) << "x";
  const auto said = [&](unsigned mode) {
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return faults([&](MapReader& reader) { check_secret_file(reader, "credentials", file); });
  };
  EXPECT_EQ(said(0600), "");
  EXPECT_EQ(said(0400), "");
  for (const unsigned mode : {0666U, 0644U, 0640U, 0602U}) EXPECT_NE(said(mode).find("chmod 600"), std::string::npos) << mode;
  std::filesystem::remove(file);
  EXPECT_NE(faults([&](MapReader& reader) { check_secret_file(reader, "credentials", file); }).find("is not there"), std::string::npos);
}

}  // namespace
}  // namespace tradewind::config
