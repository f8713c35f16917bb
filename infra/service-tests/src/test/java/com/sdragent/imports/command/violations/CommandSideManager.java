package com.sdragent.imports.command.violations;

/** Breaks a boundary on purpose. */
public class CommandSideManager {}
