/** POST, PUT, PATCH and DELETE: what a client sent is checked here, once. */
@NullMarked
package com.sdragent.imports.command.web;

import org.jspecify.annotations.NullMarked;
