package com.sdragent.imports.events.violations;

import org.springframework.core.Ordered;

/** Breaks a boundary on purpose. */
public abstract class EventThatUsesSpring implements Ordered {}
