"""What the JSON endpoints take and give: made from the code, published at /docs/api."""
