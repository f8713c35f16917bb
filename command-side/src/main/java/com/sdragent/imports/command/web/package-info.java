/** POST, PUT and DELETE of the published document: what a client sent is checked here, once. */
@NullMarked
package com.sdragent.imports.command.web;

import org.jspecify.annotations.NullMarked;
