"""What templates see: one frozen dataclass a page, and the parts they share. No I/O, no HTML of their own."""
