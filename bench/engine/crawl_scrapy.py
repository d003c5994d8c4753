"""The same museum, crawled by Scrapy as its documentation shows: a spider, a feed, files by a pipeline, a JOBDIR.

Run: python -m bench.engine.crawl_scrapy MUSEUM_URL FOLDER [--cache], again with the same FOLDER to go on
"""

import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response

from bench.engine.example import START, read_listing, read_object


class Museum(scrapy.Spider):
    """Lists, pages, and an item with a file for each object."""

    name = "museum"
    base: str  # of the museum

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask for the first list."""
        yield scrapy.Request(self.locate(START))

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        """Ask for the pages on the list, and for the next list."""
        pages, following = read_listing(response.body)
        yield from (scrapy.Request(self.locate(url), self.parse_object) for url in pages)
        yield from (scrapy.Request(self.locate(url)) for url in following)

    def parse_object(self, response: Response) -> Iterator[dict[str, Any]]:
        """Yield an object, whose image the pipeline fetches."""
        told = read_object(response.body)
        image = self.locate(told["image"]).replace("127.0.0.1", "localhost")  # a host of its own, as in the museum
        yield told | {"url": response.url, "file_urls": [image]}

    def locate(self, url: str) -> str:
        """Say where the museum answers for an address."""
        return f"{self.base}/{url.removeprefix('https://')}"


def settings(folder: Path, *, cache: bool) -> dict[str, Any]:
    """Return Scrapy's settings: as fast as ours is let, everything kept that Scrapy can keep."""
    return {
        "ROBOTSTXT_OBEY": True,
        "AUTOTHROTTLE_ENABLED": False,
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
        "FEEDS": {str(folder / "objects.jsonl"): {"format": "jsonlines", "overwrite": False}},
        "ITEM_PIPELINES": {"scrapy.pipelines.files.FilesPipeline": 1},
        "FILES_STORE": str(folder / "files"),
        "JOBDIR": str(folder / "job"),
        "HTTPCACHE_ENABLED": cache,  # keeps every answer, and asks with its validators the next time
        "HTTPCACHE_DIR": str(folder / "cache"),
        "HTTPCACHE_POLICY": "scrapy.extensions.httpcache.RFC2616Policy",
        "HTTPCACHE_GZIP": True,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "ERROR",
    }


def main(arguments: Sequence[str]) -> None:
    """Crawl, and print what the start alone took."""
    url, folder, *cache = arguments
    process = CrawlerProcess(settings(Path(folder), cache=bool(cache)))
    crawler = process.create_crawler(Museum)
    process.crawl(crawler, base=url)
    start = time.process_time()
    process.start()
    print(json.dumps({"start": start, "reason": crawler.stats.get_value("finish_reason") if crawler.stats else None}))


if __name__ == "__main__":
    main(sys.argv[1:])
