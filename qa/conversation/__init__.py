"""What a question in a conversation leaves to the turns before it: names, phrases, references and what they stand for."""
