"""What the gate reads of a platform's database and may write to it, as its description tells."""
