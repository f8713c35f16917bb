package com.sdragent.imports.access;

import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.web.ApiError;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Whether a caller asks the right store. What operators ask is about the store itself, whatever
 * organization their key is of.
 *
 * @param operators the requests that only operators make
 */
record Places(Placement placement, RequestMatcher operators) {

  void requireRightStore() {
    placement.requireRightStore();
  }

  boolean isElsewhere(Caller caller, HttpServletRequest request) {
    return placement.isElsewhere(caller.organization()) && !operators.matches(request);
  }

  ApiError elsewhere(Caller caller) {
    return placement.elsewhere(caller.organization());
  }
}
