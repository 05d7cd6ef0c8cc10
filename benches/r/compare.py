"""Two sets of numbers, those of `build-report eval` and those of R, held against each other to 1e-8.

    python3 compare.py OURS.jsonl R.json

Prints how many numbers were compared; each that differs, or that one side alone has, and ends with 1 if there is one.
"""
import json
import re
import sys

TOLERANCE = 1e-8


def numbers(value, path=""):
    """Every number and word of a tree by its path."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from numbers(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from numbers(part, f"{path}[{index}]")
    else:
        yield path, value


def pooled(result):
    """What R computes too, in one form: the studies by column, coefficients without their brackets."""
    columns = ("yi", "vi", "weight")
    studies = {column: [study.get(column) for study in result["studies"]] for column in columns}
    model = {key: value[0] if isinstance(value, list) else value for key, value in result["model"].items()}
    return result | {"studies": studies, "model": model}


def plain(path):
    """The path without the places in lists."""
    return re.sub(r"\[\d+\]", "", path)


def differs(ours, theirs):
    if isinstance(ours, str) or isinstance(theirs, str) or ours is None or theirs is None:
        return ours != theirs
    return abs(ours - theirs) > TOLERANCE * max(1.0, abs(theirs))


def main(ours_file, theirs_file):
    with open(ours_file) as lines:
        ours = {result["id"]: pooled(result) for result in map(json.loads, lines) if result.get("model")}
    with open(theirs_file) as file:
        theirs = {result["id"]: result for result in json.load(file)}
    if list(ours) != list(theirs):
        sys.exit(f"not the same analyses: {list(ours)} and {list(theirs)}")
    compared, wrong, alone = 0, [], set()
    for name, result in theirs.items():
        known = dict(numbers(ours[name]))
        theirs_by_path = dict(numbers(result))
        alone |= {plain(path) for path, value in known.items() if isinstance(value, float) and path not in theirs_by_path}
        for path, value in theirs_by_path.items():
            compared += 1
            if differs(known.get(path), value):
                wrong.append(f"{name}: {path} is {known.get(path)} here and {value} in R")
    print(f"{compared} numbers of {len(theirs)} analyses compared to {TOLERANCE:g}: {len(wrong)} differ")
    print("\n".join(wrong), end="\n" if wrong else "")
    print("numbers here that R was not asked for:", ", ".join(sorted(alone)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
