"""Suggestions at the command line: brought, decided, sent back to the museum, and taken back there."""
