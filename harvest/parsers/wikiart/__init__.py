"""What only WikiArt writes: a painting's page, lists of artists and works, JSON records."""
