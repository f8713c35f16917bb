package com.sdragent.imports.access.keys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTokenTest {
  /** Computed with another implementation of CRC-32 and base 62. */
  private static final String KNOWN =
      "imp_test_KeptForTests_ThisSecretIsKeptInTheSources00001ft0mr";

  @Test
  void a_new_key_is_read_again_and_shows_its_secret_only_when_asked() {
    KeyToken token = KeyToken.create("live");
    assertThat(token.secretText()).matches("imp_live_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}");
    assertThat(KeyToken.parse(token.secretText())).map(KeyToken::id).contains(token.id());
    assertThat(token.toString())
        .contains(token.id())
        .doesNotContain(token.secretText().substring(22));
    assertThat(KeyToken.rotate("live", token.id()).id()).isEqualTo(token.id());
    assertThat(KeyToken.rotate("live", token.id()).secretText()).isNotEqualTo(token.secretText());
  }

  @Test
  void the_checksum_is_a_crc_32_in_base_62() {
    assertThat(KeyToken.parse(KNOWN)).map(KeyToken::id).contains("KeptForTests");
    assertThat(KeyToken.parse(KNOWN.replace("1ft0mr", "1ft0ms"))).isEmpty();
    assertThat(KeyToken.parse(KNOWN.replace("imp_test", "imp_live"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "10.0.0.0/8, ::10.1.2.3, false",
    "203.0.113.7, 203.0.113.7, true",
    "203.0.113.7, 203.0.113.6, false",
    "203.0.112.0/23, 203.0.113.255, true",
    "203.0.112.0/23, 203.0.114.0, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "10.0.0.0/8, not an address, false"
  })
  void a_network_contains_exactly_the_addresses_with_its_prefix(
      String network, String address, boolean isIn) {
    assertThat(Network.parse(network).orElseThrow().contains(address)).isEqualTo(isIn);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "10",
        "10.1",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "2001:db8::1/32",
        "256.0.0.1",
        "::/129",
        "localhost",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0 /8",
        "::ffff:10.0.0.0/104",
        "fe80::1%eth0"
      })
  void what_is_no_network_is_refused(String text) {
    assertThat(Network.parse(text)).isEmpty();
  }
}
