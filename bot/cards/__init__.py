"""Every sentence that a person reads, and the cards that say them."""
