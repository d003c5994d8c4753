"""The documentation: Markdown files, and the module that writes one of them, `commands.md`, from the programs' help."""
