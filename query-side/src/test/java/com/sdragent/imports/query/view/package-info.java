@NullMarked
package com.sdragent.imports.query.view;

import org.jspecify.annotations.NullMarked;
