package com.sdragent.imports.access.keys;

/**
 * The key of the database with which somebody changes keys. Only its present secret may: one that
 * was rotated away would otherwise outlive its overlap by what it makes.
 *
 * @param hash the SHA-256 of the key that was sent, in hexadecimal digits
 */
public record OwnKey(String id, String hash) {}
