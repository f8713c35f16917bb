@NullMarked
package com.sdragent.imports.web;

import org.jspecify.annotations.NullMarked;
