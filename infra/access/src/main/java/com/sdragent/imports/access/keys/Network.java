package com.sdragent.imports.access.keys;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A network in CIDR notation, of IPv4 or IPv6. An IPv4 address that is written as one of IPv6
 * ({@code ::ffff:192.0.2.1}) counts as one of IPv4.
 */
public final class Network {
  private static final Pattern FORM =
      Pattern.compile(
          "((?:[0-9]{1,3}\\.){3}[0-9]{1,3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(?:/([0-9]{1,3}))?");

  private final byte[] address;
  private final int bits;
  private final String text;

  private Network(InetAddress address, int bits) {
    this.address = address.getAddress();
    this.bits = bits;
    text = address.getHostAddress() + "/" + bits;
  }

  /**
   * The network that the text names; an address alone is a network of one. Nothing when it is none,
   * or when bits are set that the network does not have, as in {@code 192.0.2.1/24}.
   */
  public static Optional<Network> parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) return Optional.empty();
    Optional<InetAddress> address = address(form.group(1));
    if (address.isEmpty()) return Optional.empty();
    int all = address.get().getAddress().length * Byte.SIZE;
    int bits = form.group(2) == null ? all : Integer.parseInt(form.group(2));
    if (bits > all) return Optional.empty();
    var network = new Network(address.get(), bits);
    return Arrays.equals(network.masked(network.address), network.address)
        ? Optional.of(network)
        : Optional.empty();
  }

  /** Whether the address is in this network; a text that is no address is in none. */
  public boolean contains(String address) {
    return address(address)
        .map(InetAddress::getAddress)
        .filter(other -> other.length == this.address.length)
        .filter(other -> Arrays.equals(masked(other), this.address))
        .isPresent();
  }

  /** Whether the whole other network is in this one. */
  public boolean contains(Network other) {
    return other.address.length == address.length
        && other.bits >= bits
        && Arrays.equals(masked(other.address), address);
  }

  private byte[] masked(byte[] other) {
    byte[] masked = other.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(bits - i * (long) Byte.SIZE, 0, Byte.SIZE);
      masked[i] &= (byte) (0xff << (Byte.SIZE - kept));
    }
    return masked;
  }

  /** Never asks a name server. */
  private static Optional<InetAddress> address(String text) {
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network network && network.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
