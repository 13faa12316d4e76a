"""The workspace: gbook.yaml, its models, and the demo."""
