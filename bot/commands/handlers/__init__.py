"""The handlers of commands and controls, one module for each noun."""
