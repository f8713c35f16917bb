package com.sdragent.imports.access;

import com.sdragent.imports.access.keys.Network;
import java.util.List;

/**
 * A key that let its caller in, as it is kept in memory.
 *
 * @param networks from where it may be used; from everywhere when there are none
 * @param useIsNoted whether nothing has to be noted of its use now
 * @param until when it has to be looked up again, as {@link System#nanoTime()} counts
 */
record KnownKey(Caller caller, List<Network> networks, boolean useIsNoted, long until) {

  /** Whether it may be used from this address. */
  boolean admits(String address) {
    for (Network network : networks) {
      if (network.contains(address)) return true;
    }
    return networks.isEmpty();
  }

  /** Whether the other one allows the same to the same. */
  boolean isAs(KnownKey other) {
    return caller.equals(other.caller) && networks.equals(other.networks);
  }
}
