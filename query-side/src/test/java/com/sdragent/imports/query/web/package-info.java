@NullMarked
package com.sdragent.imports.query.web;

import org.jspecify.annotations.NullMarked;
