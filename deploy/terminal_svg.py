#!/usr/bin/env python3
"""Draws what a terminal shows as an SVG: deploy/terminal.svg is made by

    normwatch run --config COLOUR.yaml ... | deploy/terminal_svg.py 'PROMPT' >deploy/terminal.svg

Understands the escape sequences that normwatch writes: bold, faint and the eight colours. Standard library only.
"""
import html
import re
import sys

COLOURS = {31: "#ff6b6b", 32: "#7bd88f", 33: "#ffd166", 34: "#6cb6ff", 35: "#d59bf6", 36: "#5ad4e6", 37: "#e6e6e6"}
WIDTH, LINE, SIZE, LEFT, TOP = 132, 18, 14, 14, 44


def spans(line):
    """(style, text) pieces of one line."""
    style = {"fill": "#d0d4dc"}
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if not code:
            if piece:
                yield dict(style), piece
            continue
        for number in (int(n or 0) for n in code[1].split(";")):
            if number == 0:
                style = {"fill": "#d0d4dc"}
            elif number == 1:
                style["font-weight"] = "bold"
            elif number == 2:
                style["fill"] = "#8a919e"
            elif number in COLOURS:
                style["fill"] = COLOURS[number]


def main():
    lines = sys.stdin.read().rstrip("\n").split("\n")
    if len(sys.argv) > 1:
        lines.insert(0, f"\x1b[32m$\x1b[0m {sys.argv[1]}")
    width, height = LEFT * 2 + round(WIDTH * SIZE * 0.602), TOP + LINE * len(lines) + 8
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
          f'aria-label="Alerts of normwatch in a terminal">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#1c2028"/>')
    for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        print(f'<circle cx="{20 + 20 * i}" cy="18" r="6" fill="{colour}"/>')
    print(f'<g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="{SIZE}" xml:space="preserve">')
    for number, line in enumerate(lines):
        shown, left = "", WIDTH
        for style, text in spans(line):
            text = text[:left] if len(text) <= left else text[:left - 1] + "…"
            left -= len(text)
            attributes = " ".join(f'{k}="{v}"' for k, v in style.items())
            shown += f"<tspan {attributes}>{html.escape(text)}</tspan>"
            if left <= 0:
                break
        print(f'<text x="{LEFT}" y="{TOP + LINE * number}">{shown}</text>')
    print("</g>\n</svg>")


if __name__ == "__main__":
    main()
