"""Output for people and programs: tables, grids, text, JSON documents. It decides nothing."""
