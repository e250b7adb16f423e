"""Taking quizzes and reviewing cards in the terminal, and the file of one's progress."""
