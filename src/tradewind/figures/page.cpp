// SPDX-License-Identifier: Apache-2.0
#include "tradewind/figures/page_internal.hpp"

#include <fmt/format.h>

#include <charconv>

#include "tradewind/base/hash.hpp"
#include "tradewind/figures/html_internal.hpp"

extern "C" {
extern const char tradewind_plotly_js_begin[], tradewind_plotly_js_end[];
extern const char tradewind_plotly_license_begin[], tradewind_plotly_license_end[];
extern const char tradewind_report_js_begin[], tradewind_report_js_end[];
extern const char tradewind_report_css_begin[], tradewind_report_css_end[];
}

namespace tradewind::figures {
namespace {

std::string_view plotly_js() { return {tradewind_plotly_js_begin, tradewind_plotly_js_end}; }
std::string_view plotly_license() { return {tradewind_plotly_license_begin, tradewind_plotly_license_end}; }
std::string_view report_js() { return {tradewind_report_js_begin, tradewind_report_js_end}; }
std::string_view report_css() { return {tradewind_report_css_begin, tradewind_report_css_end}; }

/// 'sha256-…' of a script as a content security policy names it: base64 [RFC 4648] of its hash.
std::string script_source(std::string_view script) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string hex = sha256_hex(script) + "0000";  // padded to a multiple of three bytes
  std::string out;
  for (std::size_t at = 0; at + 6 <= hex.size(); at += 6) {
    unsigned bits = 0;
    std::from_chars(hex.data() + at, hex.data() + at + 6, bits, 16);
    for (int shift = 18; shift >= 0; shift -= 6) out += digits[bits >> shift & 63];
  }
  out.resize(43);  // 32 bytes are 43 digits
  return fmt::format("'sha256-{}='", out);
}

std::string head(const std::string& title) {
  static const std::string scripts = script_source(plotly_js()) + " " + script_source(report_js());  // hashing them takes longest
  const std::string policy = fmt::format(
      "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'", scripts);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
      "content=\"{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdict</a>\n",
      policy, escape(title), report_css());
}

std::string navigation(const std::string& links) {
  return fmt::format(
      "<header class=\"bar\"><b class=\"brand\">tradewind</b><nav aria-label=\"Sections\">{}</nav>"
      "<button id=\"theme\" type=\"button\" hidden>Dark</button></header>\n",
      links);
}

}  // namespace

std::string page_html(const std::string& title, const std::string& links, const std::string& body) {
  std::string page = head(title) + navigation(links) + "<main id=\"main\">\n";
  page +=
      "<noscript><p class=\"none\">Without scripts the figures are not drawn; every figure has its numbers under \"View as "
      "table\".</p></noscript>\n";
  page += body + "</main>\n";
  page += fmt::format(
      "<script>{}</script>\n<script>{}</script>\n<!-- The chart library plotly.js is under this licence:\n{}-->\n</body>\n</html>\n",
      plotly_js(), report_js(), plotly_license());
  return page;
}

}  // namespace tradewind::figures
