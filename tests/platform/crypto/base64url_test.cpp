#include "platform/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/random.hpp"

namespace evently::crypto {
namespace {

TEST(Base64url, EncodesTheVectorsOfRfc4648) {
  EXPECT_EQ(base64url_encode(""), "");
  EXPECT_EQ(base64url_encode("f"), "Zg");
  EXPECT_EQ(base64url_encode("fo"), "Zm8");
  EXPECT_EQ(base64url_encode("foo"), "Zm9v");
  EXPECT_EQ(base64url_encode("foob"), "Zm9vYg");
  EXPECT_EQ(base64url_encode("fooba"), "Zm9vYmE");
  EXPECT_EQ(base64url_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64url_encode("\xfb\xff\xbf"), "-_-_");
}

TEST(Base64url, GivesBackEveryLength) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string bytes = random_bytes(size);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  }
}

TEST(Base64url, HasOneTextForEachContent) {
  // Zg is "f"; Zh, Zi … differ only in bits that carry nothing.
  for (const char* text : {"Zh", "Zv", "Zm9", "Zm-", "Zm9vYh", "AB", "AAB"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
}

TEST(Base64url, RefusesWhatIsNotItsAlphabet) {
  for (const char* text : {"Zg==", "Zg=", "Zm8=", " Zg", "Zg ", "Z g", "Zg\n", "Zm9v\r\n", "+_-_",
                           "/_-_", "Zm9v!", "A", "AAAAA", "Zm\xc3\xa9", "=", "Zg.", "%5A"}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
  EXPECT_FALSE(base64url_decode(std::string_view("Zm\0v", 4)));
}

}  // namespace
}  // namespace evently::crypto
