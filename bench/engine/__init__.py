"""What the harvest's engine costs: CPU, courtesy, bytes; beside a bare loop and beside Scrapy."""
