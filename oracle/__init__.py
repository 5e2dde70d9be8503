"""What is right: period, money, and what a tenant's period must bill. It knows no platform."""
