"""Makes a Conda channel with one package, `count-words`: python make_channel.py FOLDER."""

import bz2
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

PROGRAM = r"""#!/bin/sh
# count-words TEXT N: log how often the N most frequent words are in a text
journal=${GITTRACK_JOURNAL:-/dev/null}
tr -cs '[:alpha:]' '\n' < "$1" | sort | uniq -c | sort -k1,1nr -k2 | head -n "$2" |
  while read -r count word; do
    echo "$word $count"
    printf '{"event": "metric", "key": "count/%s", "value": %s}\n' "$word" "$count" >> "$journal"
  done
"""
FILE = "bin/count-words"
INDEX = {
    "name": "count-words",
    "version": "1.0",
    "build": "0",
    "build_number": 0,
    "depends": [],
    "subdir": "noarch",
}
PLATFORMS = ("linux-64", "linux-aarch64", "osx-64", "osx-arm64")


def package():
    """The package as a .tar.bz2: the program, and what it is."""
    data = PROGRAM.encode()
    path = {
        "_path": FILE,
        "path_type": "hardlink",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_in_bytes": len(data),
    }
    members = {
        "info/index.json": json.dumps(INDEX).encode(),
        "info/paths.json": json.dumps({"paths": [path], "paths_version": 1}).encode(),
        "info/files": FILE.encode(),
        FILE: data,
    }
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return bz2.compress(archive.getvalue())


def main(folder):
    content = package()
    digests = {
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    packages = {"count-words-1.0-0.tar.bz2": INDEX | digests | {"size": len(content)}}
    for subdir in ("noarch", *PLATFORMS):
        (folder / subdir).mkdir(parents=True, exist_ok=True)
        document = {
            "info": {"subdir": subdir},
            "packages": packages if subdir == "noarch" else {},
            "packages.conda": {},
            "repodata_version": 1,
        }
        (folder / subdir / "repodata.json").write_text(json.dumps(document))
    (folder / "noarch" / "count-words-1.0-0.tar.bz2").write_bytes(content)
    print(folder.resolve().as_uri())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
