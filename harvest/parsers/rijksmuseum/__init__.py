"""What only the Rijksmuseum writes: its Europeana records, Linked Art, its former API, names of makers, Iconclass."""
