/** How the service speaks HTTP, whoever asks: bodies, errors, request ids, deadlines, documents. */
@NullMarked
package com.sdragent.imports.web;

import org.jspecify.annotations.NullMarked;
