"""What a class answered: read from the exports of others, counted, and shown on a page."""
