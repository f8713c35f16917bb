@NullMarked
package com.sdragent.imports.command.domain;

import org.jspecify.annotations.NullMarked;
