"""Texts that mean harm to whoever opens a result: pages, tables, terminals, file names."""

from __future__ import annotations

from typing import Final

__all__ = ["FORMULAS", "HOSTILE"]

_FLAG: Final = "window.hacked=1"
FORMULAS: Final = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1,1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://a.example","x")'),
    *("\t=1+1", "\r=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(1,1)", '=IMPORTXML("http://a.example","//a")'),
    "=1+1\n=2+2",
)
"""What a spreadsheet would work out."""
HOSTILE: Final = (
    *FORMULAS,
    f"<script>{_FLAG}</script>",
    f"</script><script>{_FLAG}</script>",
    f'"><img src=x onerror="{_FLAG}">',
    f"'><img src=x onerror='{_FLAG}'>",
    f'" onmouseover="{_FLAG}" x="',
    f"' autofocus onfocus='{_FLAG}' x='",
    f"<svg/onload={_FLAG}>",
    f"<iframe srcdoc='<script>parent.{_FLAG[7:]}</script>'>",
    f"<a href='javascript:{_FLAG}'>x</a>",
    f"javascript:{_FLAG}",
    f"</style><script>{_FLAG}</script>",
    f"</title><script>{_FLAG}</script>",
    f"<!--<script>{_FLAG}</script>-->",
    f"<math><mtext><style><img src=x onerror={_FLAG}></style>",
    f"`;{_FLAG};//",
    f"${{{_FLAG}}}",
    f"{{{{constructor.constructor('{_FLAG}')()}}}}",
    "{{7*7}}",
    "{% for x in y %}",
    "\\u003cscript\\u003e",
    "<link rel=stylesheet href=http://a.example/a.css>",
    "<style>@import 'http://a.example/a.css'</style>",
    "url(http://a.example/x)",
    "&lt;b&gt;&amp;&quot;",
    "]]>",
    "\u2028alert(1)\u2029",
    "\u202egnp.exe",
    "\u2066\u2067\u2068\u2069",
    "a\u200bb\u200c\u200d\ufeff",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b31m",
    "a\x08\x08b",
    "\x7f",
    "a\r\nb",
    "a\x0bb\x0cc",
    "\ufffe\uffff",
    "Z" + "\u0335" * 500,
    "长" * 3000,
    "../../etc/passwd",
    "C:\\Windows\\win.ini",
    "CON",
    "a/b\\c:d*e?f|g",
    "%s%n%d",
    "{name} {0}",
    "[bold red]x[/bold red]",
    "[/]",
    "'; DROP TABLE gpkg_contents;--",
    "#N/A",
    "_x0041_",
    "NULL",
    "\U0001f525" * 20,
)
"""Names as no honest layer has them."""
