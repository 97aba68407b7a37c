"""Settings, vocabulary, catalogues and the bundled sample."""
