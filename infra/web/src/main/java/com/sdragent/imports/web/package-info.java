/**
 * How the service speaks HTTP to every client: bodies, errors, request ids, deadlines, documents.
 */
@NullMarked
package com.sdragent.imports.web;

import org.jspecify.annotations.NullMarked;
