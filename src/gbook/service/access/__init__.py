"""Who may ask, under which name of the service, from where and how often; checked before an operation."""
