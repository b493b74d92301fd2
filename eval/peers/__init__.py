"""What others' pipelines do with the same articles, questions and model: measured beside ours, in an environment of their own."""
