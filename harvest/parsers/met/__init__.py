"""What only the MET writes: names of makers, tags that tell a genre."""
