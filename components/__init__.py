"""Everything that registers resources. A tier never imports another tier; deployment.py wires them."""
