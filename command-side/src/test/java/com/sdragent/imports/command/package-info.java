@NullMarked
package com.sdragent.imports.command;

import org.jspecify.annotations.NullMarked;
