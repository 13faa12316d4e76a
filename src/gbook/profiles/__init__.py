"""Booking profiles: their model, work schedule, template variables and YAML files."""
