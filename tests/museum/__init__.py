"""Museums on loopback: the real sites' shapes, faults and manners, with paintings of our own."""
