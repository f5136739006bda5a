"""The pages of applying: what the student sees, and what the employer sees."""
