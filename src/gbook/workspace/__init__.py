"""The workspace: gbook.yaml, its accounts, and the demo."""
