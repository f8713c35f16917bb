package com.sdragent.imports.command.violations;

import org.springframework.boot.context.properties.ConfigurationProperties;

/** Breaks a boundary on purpose. */
@ConfigurationProperties("violations")
public class SettingsThatCanChange {}
