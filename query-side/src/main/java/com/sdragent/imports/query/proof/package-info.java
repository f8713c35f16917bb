/** What proves the past: what was verified when, and what a checkpoint covers. */
@NullMarked
package com.sdragent.imports.query.proof;

import org.jspecify.annotations.NullMarked;
