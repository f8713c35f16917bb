@NullMarked
package com.sdragent.imports.tool.service;

import org.jspecify.annotations.NullMarked;
