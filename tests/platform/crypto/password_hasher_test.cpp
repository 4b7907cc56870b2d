#include "platform/crypto/password_hasher.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

namespace evently::crypto {
namespace {

const PasswordHasher& hasher() {
  static const PasswordHasher instance(std::string(32, 'p'));
  return instance;
}

TEST(PasswordHasher, KeepsArgon2idWithItsParameters) {
  EXPECT_EQ(hasher().hash("correct horse battery").rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0U);
}

TEST(PasswordHasher, VerifiesTheOnePassword) {
  const std::string phc = hasher().hash("correct horse battery");
  EXPECT_TRUE(hasher().verify(phc, "correct horse battery"));
  EXPECT_FALSE(hasher().verify(phc, "correct horse batterz"));
  EXPECT_FALSE(hasher().verify(phc, "correct horse battery "));
  EXPECT_FALSE(hasher().verify(phc, ""));
}

TEST(PasswordHasher, SaltsEachHash) {
  EXPECT_NE(hasher().hash("same password"), hasher().hash("same password"));
}

TEST(PasswordHasher, CutsNothingOffALongPassword) {
  const std::string password(128, 'x');
  const std::string phc = hasher().hash(password + "1");
  EXPECT_TRUE(hasher().verify(phc, password + "1"));
  EXPECT_FALSE(hasher().verify(phc, password + "2"));
  EXPECT_FALSE(hasher().verify(phc, password.substr(0, 72)));
}

TEST(PasswordHasher, TakesAnyBytes) {
  const std::string password("p\0\u00e9\U0001F600", 8);
  const std::string phc = hasher().hash(password);
  EXPECT_TRUE(hasher().verify(phc, password));
  EXPECT_FALSE(hasher().verify(phc, "p"));
}

TEST(PasswordHasher, NeedsThePepper) {
  const std::string phc = hasher().hash("correct horse battery");
  const PasswordHasher other(std::string(32, 'q'));
  EXPECT_FALSE(other.verify(phc, "correct horse battery"));
  const std::string password = "correct horse battery";
  EXPECT_NE(crypto_pwhash_str_verify(phc.c_str(), password.data(), password.size()), 0);
}

TEST(PasswordHasher, SeesWeakerParameters) {
  EXPECT_FALSE(hasher().needs_rehash(hasher().hash("x")));
  std::string weaker(crypto_pwhash_STRBYTES, '\0');
  ASSERT_EQ(crypto_pwhash_str_alg(weaker.data(), "x", 1, 1, 8192 * 2, crypto_pwhash_ALG_ARGON2ID13),
            0);
  weaker.resize(weaker.find('\0'));
  EXPECT_TRUE(hasher().needs_rehash(weaker));
}

TEST(PasswordHasher, RefusesBrokenHashes) {
  for (const char* phc : {"", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$$",
                          "$2b$10$abcdefghijklmnopqrstuv"}) {
    EXPECT_FALSE(hasher().verify(phc, "x")) << phc;
    EXPECT_TRUE(hasher().needs_rehash(phc)) << phc;
  }
}

TEST(PasswordHasher, HasADecoyOfTheSameCost) {
  EXPECT_FALSE(hasher().needs_rehash(hasher().decoy()));
  EXPECT_FALSE(hasher().verify(hasher().decoy(), ""));
}

TEST(PasswordHasher, WantsAWholePepper) {
  EXPECT_THROW(PasswordHasher("short"), std::invalid_argument);
}

TEST(PasswordHasher, NamesThePepperAndAsksForARenewalUnderTheNewOne) {
  const SystemClock clock;
  PasswordHasher rotating(ring_of(std::string(32, 'p')), clock);
  const std::string old = rotating.hash("correct horse battery");
  EXPECT_EQ(old.find('#'), std::string::npos);
  rotating.replace(KeyRing{{1, std::string(32, 'p'), {}, {}}, {2, std::string(32, 'q'), {}, {}}});
  EXPECT_TRUE(rotating.verify(old, "correct horse battery"));
  EXPECT_TRUE(rotating.needs_rehash(old));

  const std::string renewed = rotating.hash("correct horse battery");
  EXPECT_TRUE(renewed.ends_with("#2"));
  EXPECT_TRUE(rotating.verify(renewed, "correct horse battery"));
  EXPECT_FALSE(rotating.verify(renewed, "correct horse batterz"));
  EXPECT_FALSE(rotating.needs_rehash(renewed));
  EXPECT_FALSE(hasher().verify(renewed, "correct horse battery")) << "it does not know pepper 2";
  const std::string renamed = renewed.substr(0, renewed.size() - 2);
  EXPECT_FALSE(rotating.verify(renamed, "correct horse battery")) << "nor does another one do";
}

}  // namespace
}  // namespace evently::crypto
