package com.sdragent.imports.command.domain.violations;

import org.springframework.core.Ordered;

/** Breaks a boundary on purpose. */
public abstract class DecisionThatUsesSpring implements Ordered {}
