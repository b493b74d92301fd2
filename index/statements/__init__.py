"""Who says what: statements found in sentences, with their speakers."""
