/** The commands that ask the running service, with an API key. */
@NullMarked
package com.sdragent.imports.tool.service;

import org.jspecify.annotations.NullMarked;
