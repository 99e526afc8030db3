// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "tradewind/base/text.hpp"
#include "tradewind/figures/report_internal.hpp"

namespace tradewind::figures {

void RunPage::open_section(std::string_view id, std::string_view title, std::string_view lead) {
  out += fmt::format("<section id=\"{}{}\" class=\"part\"><h{} class=\"title\">{}</h{}>\n", prefix, id, level, escape(title), level);
  if (!lead.empty()) paragraph(lead, "lead");
}

void RunPage::paragraph(std::string_view text, std::string_view css_class) {
  if (text.empty()) return;
  out += css_class.empty() ? fmt::format("<p>{}</p>\n", prose(text)) : fmt::format("<p class=\"{}\">{}</p>\n", css_class, prose(text));
}

void RunPage::heading(std::string_view text, int at) {
  const int number = at > 0 ? at : level + 1;
  out += fmt::format("<h{}>{}</h{}>\n", number, escape(text), number);
}

bool RunPage::has_figure(std::string_view name) const {
  return std::ranges::any_of(figures, [&](const NamedFigure& f) { return f.name == name; });
}

void RunPage::figure(std::string_view name, const std::string& table) {
  const auto found = std::ranges::find(figures, name, &NamedFigure::name);
  if (found == figures.end()) return;
  const std::string id = prefix + "figure-" + found->name;
  out += fmt::format(
      "<figure class=\"plot\"><figcaption id=\"{}-caption\">{}</figcaption>\n"
      "<div class=\"frame\"><div class=\"drawing{}\" id=\"{}\" role=\"img\" aria-labelledby=\"{}-caption\" "
      "style=\"min-height:{}px\"></div></div>\n"
      "<script type=\"application/json\" data-figure=\"{}\">{}</script>\n<details><summary>View as "
      "table</summary>\n{}</details></figure>\n",
      id, escape(found->caption), found->fits_phone ? " fits" : "", id, id, View(found->figure.layout)["height"].integer(300), id,
      script_json(found->figure.json()), table);
}

Status check_schema(const Json& document, std::string_view family, std::string_view what) {
  const std::string schema = View(document)["schema"].text();
  if (!schema.starts_with(family)) {
    return Error(Errc::invalid_data, fmt::format("not {}: its schema is '{}', expected '{}1'", what, printable(schema), family));
  }
  if (schema != std::string(family) + "1") {
    return Error(Errc::newer_format, fmt::format("this is {} of schema '{}'; this version reads '{}1'", what, printable(schema), family));
  }
  return {};
}

std::string parameters_text(View object) {
  std::string text;
  for (const auto& [name, value] : object.members()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", words(name), value.shown());
  return text;
}

}  // namespace tradewind::figures
