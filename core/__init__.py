"""Plain Python: settings in, topology and text out. Registers no resource."""
