"""Code lists, one CSV file each: facts with validity, easy to correct."""
