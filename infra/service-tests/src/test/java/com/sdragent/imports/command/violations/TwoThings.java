package com.sdragent.imports.command.violations;

/** Breaks a boundary on purpose, together with its namesake. */
public class TwoThings {}
