"""What people and programs read: tables, the grid, text, JSON documents. Renders, and decides nothing."""
