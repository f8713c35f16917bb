package com.sdragent.imports.query.violations;

/** Breaks a boundary on purpose, together with its namesake. */
public class TwoThings {}
