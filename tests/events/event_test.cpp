#include "events/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evently::events {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(LikePattern, EscapesWhatLikeWouldRead) {
  EXPECT_EQ(like_pattern("100%"), "%100\\%%");
  EXPECT_EQ(like_pattern("a_b"), "%a\\_b%");
  EXPECT_EQ(like_pattern("\\"), "%\\\\%");
}

TEST(WebUrl, NeedsASchemeOfTheWebAndAPlainHost) {
  EXPECT_TRUE(is_web_url("https://example.org/?q=1#top"));
  EXPECT_TRUE(is_web_url("http://example.org:8080"));
  for (const char* bad : {"javascript:alert(1)", "ftp://example.org", "https://", "//example.org",
                          "https://ada:secret@example.org/", "https://exa mple.org/", "https:/x",
                          "https://\"onmouseover=alert(1)//"}) {
    EXPECT_FALSE(is_web_url(bad)) << bad;
  }
}

TEST(Currency, IsThreeCapitalLetters) {
  EXPECT_TRUE(is_currency("CHF"));
  for (const char* bad : {"", "eur", "EU", "EURO", "E1R"}) EXPECT_FALSE(is_currency(bad)) << bad;
}

TEST(SortKey, IsTheNameOrTheMoment) {
  Event event;
  event.name = "We ❤️ Speed";
  event.event_date = *parse_rfc3339("2027-05-26T18:00:00.25Z");
  EXPECT_EQ(sort_key(event, EventSort::ByName), "We ❤️ Speed");
  EXPECT_EQ(sort_key(event, EventSort::ByDate), "2027-05-26T18:00:00.250000Z");
}

TEST(Markdown, RendersWhatPeopleWrite) {
  EXPECT_EQ(render_markdown("**Doors** at ~~six~~ seven"),
            "<p><strong>Doors</strong> at <del>six</del> seven</p>\n");
  EXPECT_THAT(render_markdown("| a | b |\n|---|---|\n| 1 | 2 |"), HasSubstr("<table>"));
  EXPECT_THAT(render_markdown("see https://example.org/x"),
              HasSubstr("<a href=\"https://example.org/x\">"));
  EXPECT_EQ(render_markdown(""), "");
}

TEST(Markdown, KeepsTextOfAnyLanguage) {
  EXPECT_EQ(render_markdown("O'Reilly & Söhne ‹東京› ❤️"), "<p>O'Reilly &amp; Söhne ‹東京› ❤️</p>\n");
}

class MarkdownAttack : public ::testing::TestWithParam<const char*> {};

TEST_P(MarkdownAttack, NeverBecomesActive) {
  const std::string html = render_markdown(GetParam());
  for (const char* active :
       {"<script", "<img src=\"java", "<iframe", "<svg", "<style", "<object", "href=\"javascript",
        "href=\"vbscript", "href=\"data:", "href=\"file", "src=\"javascript", "src=\"data:text",
        "<a onclick", "<b onmouse", "<form", "<meta", "<base", "<input", "<details"}) {
    EXPECT_THAT(html, Not(::testing::HasSubstr(active))) << GetParam();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Vectors, MarkdownAttack,
    ::testing::Values(
        "<script>alert(1)</script>", "<ScRiPt src=//evil.example></sCrIpT>",
        "text <b onmouseover=alert(1)>x</b>", "<a onclick=alert(1) href=x>y</a>",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\nscript:alert(1))",
        "[x](&#106;avascript:alert(1))", "[x](javascript&colon;alert(1))",
        "[x](vbscript:msgbox(1))", "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](file:///etc/passwd)", "![x](javascript:alert(1))", "![x](data:text/html,<script>)",
        "<javascript:alert(1)>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
        "<iframe src=//evil.example>", "<style>body{display:none}</style>",
        "<form action=//evil.example><input name=p>", "<meta http-equiv=refresh content=0>",
        "<base href=//evil.example>", "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>", "<?php <script>alert(1)</script> ?>",
        "[x]: javascript:alert(1)\n\n[x]", "| a |\n|---|\n| <script>alert(1)</script> |",
        "`</code><script>alert(1)</script>`", "```\n</code><script>alert(1)</script>\n```",
        "```\"><script>alert(1)</script>\nx\n```", "<details open ontoggle=alert(1)>",
        "[x](\"onmouseover=alert(1))", "![\"onerror=alert(1) x=\"](x)"));

}  // namespace
}  // namespace evently::events
