"""Translation: asks a language model for missing texts, and checks each before it is kept."""
