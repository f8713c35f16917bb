@NullMarked
package com.sdragent.imports.command.web;

import org.jspecify.annotations.NullMarked;
