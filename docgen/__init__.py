"""What generates documents from the code; never in the wheel."""
