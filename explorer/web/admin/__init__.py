"""The admin under /admin: the only package that imports sqladmin. Changes words and editors, never code that runs."""
