"""What is shown: figures, the page, the PDF and the trial browser. Nothing here trains."""
