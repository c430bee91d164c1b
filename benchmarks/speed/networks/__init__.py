"""What each served network costs on this processor, and what it would cost in other forms."""
