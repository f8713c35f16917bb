/** What is said over HTTP in tests, held against the API's document. */
@NullMarked
package com.sdragent.imports.testservers.contract;

import org.jspecify.annotations.NullMarked;
