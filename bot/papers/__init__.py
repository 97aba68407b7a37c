"""Papers: identifiers, merging of entries, tagging and citation."""
