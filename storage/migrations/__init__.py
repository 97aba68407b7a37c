"""The steps that lead an older database to the newest tables; a step once released stays."""
