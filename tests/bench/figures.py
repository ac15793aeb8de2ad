"""Write the measured figures that README and HOSTING state, in both languages, from the commands.

    python -m tests.bench.figures             run every command, write figures.json and the tables
    python -m tests.bench.figures start api   run these, leave the others as they were measured
    python -m tests.bench.figures --tables    run nothing, write the tables out of figures.json

Beside each figure stands when it was measured, on what machine and by which command. In the
documents the tables stand between <!-- figures NAME --> and <!-- end figures -->.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
from importlib import import_module
from typing import Any

from tests.conftest import ROOT

FILE = ROOT / "tests" / "bench" / "figures.json"
LANGUAGES = {"en": ("README.md", "HOSTING.md"), "ko": ("README.ko.md", "HOSTING.ko.md")}
# name -> what the command is given
COMMANDS = {
    "seats": ["--minutes", "3"],
    "start": ["--tabs", "15"],
    "api": [],
    "scrub": [],
    "live": ["--seconds", "5"],
    "hopfield": [],
    "pixelcnn": [],
    "ddpm": ["--steps", "10", "--threads", "1"],
    "space": ["3.12", "3.11", "3.10"],
}
GOALS = {
    "seats": ("≤ 10 s; ≤ 1 s; < 5 %", "≤ 10초; ≤ 1초; < 5 %"),
    "start": ("≤ 1.15", "≤ 1.15"),
    "api": ("≤ 2", "≤ 2"),
    "scrub": ("", ""),
    "live": ("about 10 alone, even shares", "혼자 10장쯤, 고른 몫"),
    "hopfield": ("≥ 10", "≥ 10"),
    "pixelcnn": ("≥ 20", "≥ 20"),
    "ddpm": ("≥ 2", "≥ 2"),
}
SENTENCES = {
    "seats": (
        "{seats} seats on {cores} cores that the seats share: cold page usable after"
        " {cold_max:.1f} s at most; p95 of steps {step_p95:.2f} s, of slides {slide_p95:.2f} s;"
        " sampling: a first sign after {sign_p95:.1f} s (p95), all of it {sample_median:.1f} s"
        " (median), {sample_p95:.1f} s (p95); memory {memory_percent:+.1f} % in the second half;"
        " errors {errors}, answers of another's {strangers}; server's processor for the opening"
        " {cpu:.1f} s",
        "자리 {seats}개가 서버와 같은 코어 {cores}개를 나눠 씀: 첫 화면은 늦어도 {cold_max:.1f}초,"
        " 단계 p95 {step_p95:.2f}초, 슬라이더 p95 {slide_p95:.2f}초, 샘플링은 첫 응답 p95"
        " {sign_p95:.1f}초, 끝까지 중앙값 {sample_median:.1f}초·p95 {sample_p95:.1f}초, 후반 메모리"
        " {memory_percent:+.1f} %, 오류 {errors}건, 남의 답 {strangers}건,"
        " 여는 데 쓴 서버 CPU {cpu:.1f}초",
    ),
    "start": (
        "first page of a hub of {tabs} tabs after {hub:.2f} s, of an empty Gradio app after"
        " {empty:.2f} s: ratio {ratio:.2f}; seconds of processor {work:.2f} and {least:.2f}: ratio"
        " {work_ratio:.2f}",
        "탭 {tabs}개인 허브의 첫 화면까지 {hub:.2f}초, 빈 Gradio 앱은 {empty:.2f}초: 비율"
        " {ratio:.2f}. CPU 시간은 {work:.2f}초와 {least:.2f}초: 비율 {work_ratio:.2f}",
    ),
    "api": (
        "p95 against an identity event: rnn_forward {rnn_forward:.2f}, rnn_backward"
        " {rnn_backward:.2f}, hopfield_recall {hopfield_recall:.2f}",
        "p95를 아무 일도 하지 않는 이벤트와 견주어: rnn_forward {rnn_forward:.2f}, rnn_backward"
        " {rnn_backward:.2f}, hopfield_recall {hopfield_recall:.2f}",
    ),
    "scrub": (
        "scrubbing draws {slowest:.0f} to {fastest:.0f} frames a second (an empty frame:"
        " {empty:.0f})",
        "재생 막대를 끌 때 초당 {slowest:.0f}~{fastest:.0f}장(빈 프레임은 {empty:.0f})",
    ),
    "live": (
        "pictures a second: a GAN in the plane alone {gan_alone:.1f}, ten at once {gan_low:.2f} to"
        " {gan_high:.2f} each; a flow {flow_alone:.1f}, and {flow_low:.2f} to {flow_high:.2f} each",
        "초당 그림 수: 평면의 GAN은 혼자면 {gan_alone:.1f}장, 열 명이면 각각"
        " {gan_low:.2f}~{gan_high:.2f}장. 흐름은 {flow_alone:.1f}장, 열 명이면 각각"
        " {flow_low:.2f}~{flow_high:.2f}장",
    ),
    "hopfield": (
        "batched recall of 1000 probes {ratio:.0f} times as fast as {peer}",
        "시작 그림 1000개의 일괄 회상이 {peer}의 {ratio:.0f}배 빠르기",
    ),
    "pixelcnn": (
        "one digit by kept units {ratio:.0f} times as fast as by a pass of the net for each of its"
        " 784 pixels, the same pixels",
        "앞서 계산한 값을 간직하면 픽셀마다 망 전체를 다시 계산할 때보다 숫자 한 장이"
        " {ratio:.0f}배 빠르고, 784픽셀은 똑같음",
    ),
    "ddpm": (
        "64 digits against diffusers' DDIM pipeline on the same net: {float32:.2f} times as many"
        " images a second in float32, {bfloat16:.2f} in bfloat16; with guidance"
        " {guided_float32:.2f} and {guided_bfloat16:.2f}",
        "숫자 64장, 같은 망을 쓰는 diffusers의 DDIM 파이프라인에 견준 초당 장수: float32"
        " {float32:.2f}배, bfloat16 {bfloat16:.2f}배. 가이던스를 켜면 {guided_float32:.2f}배와"
        " {guided_bfloat16:.2f}배",
    ),
}
HEADS = {
    "measured": (
        ("command", "figure", "goal", "measured"),
        ("명령", "결과", "목표", "잰 날"),
    ),
    "space": (
        ("Python", "installed by pip, without constraints", "home page after", "pages", "API calls")
        + ("measured",),
        ("Python", "pip이 설치한 것(constraints 없이)", "첫 화면까지", "화면", "API 호출", "잰 날"),
    ),
}


def read() -> dict[str, dict[str, Any]]:
    """Read all figures: name -> command, date, machine, values."""
    return json.loads(FILE.read_text("utf-8"))


def command(name: str) -> str:
    """Return the command that measures something, as a person types it."""
    return " ".join(["python -m", f"tests.bench.{name}", *COMMANDS[name]])


def machine() -> str:
    """Say what this machine is and how busy it has been for a minute."""
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, load {load:.0f}"


def measure(name: str) -> dict[str, Any]:
    """Run one command; return its record."""
    values = import_module(f"tests.bench.{name}").main(COMMANDS[name])
    today = datetime.date.today().isoformat()
    return {"command": command(name), "date": today, "machine": machine(), "values": values}


def table(which: str, lang: str, figures: dict[str, dict[str, Any]]) -> str:
    """Return a table of the documents as Markdown.

    Args:
        which: "measured" or "space".
        lang: "en" or "ko".
        figures: as `read` returns them.
    """
    column = list(LANGUAGES).index(lang)
    if which == "space":
        rows = [
            (
                version,
                ", ".join(f"{name} {seen['installed'][name]}" for name in seen["installed"]),
                f"{seen['home']:.1f} s",
                f"{seen['pages']}",
                f"{seen['calls']}",
                figures["space"]["date"],
            )
            for version, seen in figures["space"]["values"].items()
        ]
    else:
        rows = [
            (
                f"`{figures[name]['command']}`",
                both[column].format(**figures[name]["values"]),
                GOALS[name][column],
                figures[name]["date"],
            )
            for name, both in SENTENCES.items()
        ]
    head = HEADS[which][column]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def fill(text: str, lang: str, figures: dict[str, dict[str, Any]]) -> str:
    """Return a document with its tables written anew."""
    return re.sub(
        r"(<!-- figures (\w+) -->\n).*?(<!-- end figures -->)",
        lambda m: f"{m[1]}{table(m[2], lang, figures)}\n{m[3]}",
        text,
        flags=re.DOTALL,
    )


def main() -> None:
    """Measure what is asked for, then write data and documents."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.figures")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(COMMANDS))
    parser.add_argument("--tables", action="store_true", help="measure nothing")
    asked = parser.parse_args()
    if unknown := set(asked.names) - COMMANDS.keys():
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    figures = read()
    for name in () if asked.tables else asked.names or COMMANDS:
        figures[name] = measure(name)
        FILE.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    for lang, names in LANGUAGES.items():
        for name in names:
            document = ROOT / name
            text = document.read_text("utf-8")
            document.write_text(fill(text, lang, figures), "utf-8")


if __name__ == "__main__":
    main()
