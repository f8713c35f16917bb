/**
 * Real servers for the integration tests: containers where Docker is found, embedded ones
 * elsewhere.
 */
@NullMarked
package com.sdragent.imports.testservers;

import org.jspecify.annotations.NullMarked;
