"""The evidence page: one self-contained HTML file about a search or a comparison.

The page loads nothing, runs no script and can be printed on A4. It states figures and where they come from;
the pages of a search and of a comparison hold no verdict. All texts from files and servers are escaped.
"""

from seamline.report.of_comparison import comparison_page
from seamline.report.of_search import search_page
from seamline.report.render import write_page

__all__ = ["comparison_page", "search_page", "write_page"]
