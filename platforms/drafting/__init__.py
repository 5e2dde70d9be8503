"""A first description of a platform, drafted from what its database and API say of themselves."""
