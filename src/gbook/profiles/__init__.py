"""What a profile is: model, work schedule, template variables, and the YAML files that hold them."""
