"""What pages show, computed from the workspace for their templates: codes and values, no words."""
