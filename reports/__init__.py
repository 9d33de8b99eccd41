"""What changed, and where: counts, rates, intervals and the pages people open."""
