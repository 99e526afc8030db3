// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/figures/figure.hpp"

namespace tradewind::figures {

/// The palette of Okabe & Ito (2008, Color universal design), told apart with any colour vision and on white as on black paper; its yellow
/// and black are left out because each vanishes on one of the two.
inline constexpr std::array<std::string_view, 6> kPalette = {"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"};
inline constexpr std::string_view kBlue = "#0072B2";
inline constexpr std::string_view kOrange = "#E69F00";
inline constexpr std::string_view kVermillion = "#D55E00";
inline constexpr std::string_view kGrey = "#8a8f98";
inline constexpr std::string_view kFaint = "rgba(128,134,144,0.28)";  ///< grid lines on any paper

/// Of regimes: one hue that strategies do not have, by brightness, so that a ribbon is not taken for a curve.
std::string_view regime_colour(std::size_t index) noexcept;
std::string_view colour(std::size_t index) noexcept;
/// Line or bar patterns for the second and third time round the palette.
std::string_view dash(std::size_t index) noexcept;
std::string_view pattern(std::size_t index) noexcept;

/// Negative vermillion, 0 near white, positive blue: told apart with any colour vision.
Json diverging_scale();

/// A layout without paper of its own, so that the page's shows through; height in pixels.
Json base_layout(std::string_view title, int height);
/// An axis with faint grid lines.
Json axis(std::string_view title = {});
/// Of times as ISO-8601 text, or of bars that are numbered.
Json time_axis(const std::vector<std::string>& timestamps);
/// Text on the figure, in paper coordinates unless told otherwise.
Json annotation(std::string_view text, double x, double y);

/// `digits` significant ones, null for NaN and infinities: keeps a curve of 1,500 points small.
Json number(double value, int digits = 6);
Json numbers(std::span<const double> values, int digits = 6);
/// A midnight loses its time: 2021-03-31.
std::string short_time(std::string_view iso);
Json short_times(std::span<const std::string> iso);

/// Text for Plotly, which reads a few HTML tags: `<` and `&` are escaped.
std::string plain(std::string_view text);
/// At most `limit` characters (UTF-8 safe), as plain() text: three quarters of what is kept is the beginning, the rest the end, "…"
/// between.
std::string shortened(std::string_view text, std::size_t limit);
/// All shortened to about `limit` characters, to more where two different names would look the same.
std::vector<std::string> shortened(const std::vector<std::string>& names, std::size_t limit);
/// +1.23 or −0.45; "–" when missing.
std::string signed_text(double value, int decimals = 2);

}  // namespace tradewind::figures
