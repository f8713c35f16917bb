package com.sdragent.imports.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.web.firewall.FirewalledRequest;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.security.web.firewall.StrictHttpFirewall;

class HostileHeadersTest {
  private static final HttpFirewall SPRINGS = new StrictHttpFirewall();
  private static final HttpFirewall OURS = new AccessConfiguration().httpFirewall();

  @Test
  void a_value_is_refused_exactly_when_spring_s_own_firewall_refuses_it() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c = next(c)) {
      String text = "a" + Character.toString(c) + "b";
      assertRefusedAlike(text, request -> request.getHeader("X-Request-Id"));
      assertRefusedAlike(text, request -> request.getHeaders("X-Request-Id").nextElement());
    }
  }

  @Test
  void a_name_is_refused_exactly_when_spring_s_own_firewall_refuses_it() {
    for (int c = 0; c <= Character.MAX_CODE_POINT; c = next(c)) {
      String text = "a" + Character.toString(c) + "b";
      assertRefusedAlike("", request -> request.getHeader(text));
      assertRefusedAlike("", request -> request.getParameter(text));
    }
  }

  /** All of the first plane's beginning, and a sample of the rest. */
  private static int next(int c) {
    return c < 0x3000 ? c + 1 : c + 251;
  }

  private static void assertRefusedAlike(String value, Function<FirewalledRequest, ?> use) {
    assertThat(isRefused(OURS, value, use))
        .as("a value or a name with %s", value)
        .isEqualTo(isRefused(SPRINGS, value, use));
  }

  private static boolean isRefused(
      HttpFirewall firewall, String value, Function<FirewalledRequest, ?> use) {
    var request = new MockHttpServletRequest("GET", "/imports");
    request.addHeader("X-Request-Id", value);
    try {
      Object _ = use.apply(firewall.getFirewalledRequest(request));
      return false;
    } catch (RequestRejectedException e) {
      return true;
    }
  }
}
