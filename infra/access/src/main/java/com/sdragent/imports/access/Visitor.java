package com.sdragent.imports.access;

/** A caller, and the credential that let it in. */
record Visitor(Caller caller, Credential credential) {}
