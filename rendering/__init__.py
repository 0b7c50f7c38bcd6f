"""What is shown: figures, the document, the trial browser, and the words of all three."""
