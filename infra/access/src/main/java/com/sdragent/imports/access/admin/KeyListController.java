package com.sdragent.imports.access.admin;

import com.sdragent.imports.access.Caller;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Shows an organization its keys, on every node. */
@RestController
class KeyListController {
  private final StoredKeys keys;

  KeyListController(StoredKeys keys) {
    this.keys = keys;
  }

  @GetMapping(
      path = {"/api-keys", "/api-keys/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  List<ApiKeyView> list(@AuthenticationPrincipal Caller caller) {
    return keys.of(caller).stream().map(ApiKeyView::of).toList();
  }

  @GetMapping(
      path = {"/api-keys/{id}", "/api-keys/{id}/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ApiKeyView get(@PathVariable String id, @AuthenticationPrincipal Caller caller) {
    return ApiKeyView.of(keys.find(id, caller));
  }
}
