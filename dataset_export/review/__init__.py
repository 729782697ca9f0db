"""What a reviewer looks at: figures, what is new, what stands out, and the rows themselves."""
